import type { DtmfReport } from './dtmf-report.js';
import type { RtpCounts } from './rtp-endpoint.js';
import type { DemoCodec } from './sdp-answer.js';
import type { ToneReading } from './tone-detector.js';

/** An answered call as it is now. */
export interface DemoCallView {
  /** SIP Call-ID. */
  callId: string;
  dialled: string;
  codec: DemoCodec;
  rtp: RtpCounts;
  /** The dominant tone of the last 100 ms received; undefined for silence, and for G.722. */
  hears: ToneReading | undefined;
}

/** What a call tells the carrier. */
export interface CallListener {
  onReport(report: DtmfReport): void;
  /** A tone lasted for 200 ms, once per tone. */
  onTone(call: DemoCallView, tone: ToneReading): void;
  onAnswered(call: DemoCallView): void;
  onEnded(call: DemoCallView, sentence: string): void;
}
