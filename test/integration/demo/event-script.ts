import { DtmfJudge } from '../../../gateway/demo/dtmf-judge.js';
import type { DigitReport } from '../../../gateway/demo/dtmf-report.js';
import type { RtpPacket } from '../../../gateway/demo/rtp-packet.js';

export const AUDIO = 0;
export const EVENT = 101;
export const STEP = 160;
/** Near both wraps, so that every case crosses them. */
const FIRST_SEQUENCE = 65_530;
export const FIRST_TIMESTAMP = 0xffff_fc00;

export interface Sent {
  packet: RtpPacket;
  at: number;
}

interface EventFields {
  event: number;
  duration: number;
  end?: boolean;
  marker?: boolean;
}

/** Writes an RTP stream as a faultless sender would; a case then spoils it. */
export class EventScript {
  readonly sent: Sent[] = [];
  sequence = FIRST_SEQUENCE;
  timestamp = FIRST_TIMESTAMP;
  at = 1000;
  step = STEP;

  audio(count: number): this {
    for (let n = 0; n < count; n += 1) {
      this.push(AUDIO, { marker: false, payload: Buffer.alloc(STEP), timestamp: this.timestamp });
      this.pass(1);
    }
    return this;
  }

  /** Time goes by: `periods` times 20 ms. */
  pass(periods: number): this {
    this.timestamp = (this.timestamp + periods * this.step) >>> 0;
    this.at += periods * 20;
    return this;
  }

  eventPacket(fields: EventFields, timestamp: number): this {
    const payload = Buffer.from([fields.event, (fields.end === true ? 0x80 : 0) | 10, 0, 0]);
    payload.writeUInt16BE(fields.duration, 2);
    return this.push(EVENT, { marker: fields.marker ?? false, payload, timestamp });
  }

  /** A digit of `periods` updates, the last one with the end bit, repeated twice at the same interval. */
  digit(event: number, periods = 5): this {
    const start = this.timestamp;
    for (let n = 1; n <= periods; n += 1) {
      this.eventPacket(
        { event, duration: n * this.step, end: n === periods, marker: n === 1 },
        start,
      );
      this.pass(1);
    }
    for (let n = 0; n < 2; n += 1) {
      this.eventPacket({ event, duration: periods * this.step, end: true }, start);
      this.pass(1);
    }
    return this;
  }

  push(payloadType: number, rest: { marker: boolean; payload: Buffer; timestamp: number }): this {
    this.sent.push({
      packet: { payloadType, sequence: this.sequence, ssrc: 77, ...rest },
      at: this.at,
    });
    this.sequence = (this.sequence + 1) & 0xffff;
    return this;
  }
}

/** What the judge says about a script. */
export function judge(sent: readonly Sent[], clockRate = 8000): DigitReport[] {
  const subject = new DtmfJudge({ eventPayloadType: EVENT, audioPayloadType: AUDIO, clockRate });
  for (const { packet, at } of sent) subject.packet(packet, at);
  return subject.finish();
}
