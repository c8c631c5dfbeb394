import { DtmfJudge } from '../../../gateway/demo/dtmf-judge.js';
import { G711Decoder } from '../../../gateway/media/codecs/g711-codec.js';
import type { DigitEvent } from '../../../gateway/media/dtmf/digit-event.js';
import { ToneDetector } from '../../../gateway/media/dtmf/tone-detector.js';
import type { ReceivedRtp } from '../media-rtp-peer.js';

/** One key press as the trunk's side was told it. */
export interface HeardPress {
  digit: string;
  durationMs: number;
  /** Against RFC 4733, in plain words; always empty for INFO and tones. */
  defects: readonly string[];
}

/** G.711 of the trunk as these benches speak it. */
export const AUDIO_TYPE = 0;
const CLOCK_RATE = 8000;
const MAX_SAMPLES = 960;

/** The telephone-events of a trunk's packets, by the judge of the demo carrier, which shares no code with the gateway's sender. */
export function heardAsEvents(
  packets: readonly ReceivedRtp[],
  eventPayloadType: number,
): HeardPress[] {
  const judge = new DtmfJudge({
    audioPayloadType: AUDIO_TYPE,
    eventPayloadType,
    clockRate: CLOCK_RATE,
  });
  for (const packet of packets) judge.packet(packet, packet.at);
  return judge.finish().map(({ digit, finalDurationMs, defects }) => ({
    digit,
    durationMs: finalDurationMs,
    defects,
  }));
}

/** The DTMF tones in a trunk's G.711 (PCMU); a packet that is missing is silence. */
export function heardAsTones(packets: readonly ReceivedRtp[]): HeardPress[] {
  const ended: HeardPress[] = [];
  const detector = new ToneDetector({
    onDigit: (event: DigitEvent) => {
      if (event.ended) ended.push({ ...event, defects: [] });
    },
  });
  const decoder = new G711Decoder('pcmu');
  const pcm = new Int16Array(MAX_SAMPLES);
  let next: number | undefined;
  for (const { payloadType, timestamp, payload, at } of packets) {
    if (payloadType !== AUDIO_TYPE) continue;
    const missing = next === undefined ? 0 : (timestamp - next) | 0;
    if (missing < 0) continue;
    const silent = Math.min(missing, MAX_SAMPLES);
    detector.push(pcm.fill(0), silent, at);
    detector.push(pcm, decoder.decode(payload, pcm), at);
    next = (timestamp + payload.length) >>> 0;
  }
  detector.finish();
  return ended;
}
