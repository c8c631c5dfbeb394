import { createDecoder, createEncoder } from '../../gateway/media/codecs/create-codec.js';
import { Resampler } from '../../gateway/media/codecs/resampler.js';
import { rtpClockRate } from '../../gateway/media/dtmf/telephone-event-choice.js';
import type { CodecName } from '../../gateway/media/media-engine.js';
import { sendInStep, sendPaced } from '../support/media-rig.js';
import type { Inbox, ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import { heard } from '../support/dtmf/tone-bench.js';
import { hearTone, tone } from '../support/tone.js';
import type { EngineUnderTest } from './engine-under-test.js';

/** One end of a call, as far as a test drives it. */
export interface End {
  send(packet: RtpToSend): void;
  rtp: Inbox<ReceivedRtp>;
}

const CODECS: Readonly<Record<number, CodecName>> = {
  ...{ 0: 'pcmu', 8: 'pcma', 9: 'g722', 111: 'opus', 118: 'l16-8000', 119: 'l16-16000' },
};
const HZ = 440;
/** Of a tone of 8000. */
const LEAST_AMPLITUDE = 2000;
const HEARD_PACKETS = 4;
const PACKETS_AT_ONCE = 5;

/** What an end has sent so far through an engine that decodes: its stream goes on from there, whatever a case asks for. */
class Speaker {
  sent = 0;
  readonly #places = new Map<number, { sequence: number; timestamp: number }>();

  /** Packets of audio that follow the ones before of the same source. */
  next(count: number, { ssrc, payloadType }: RtpToSend, payloads: readonly Buffer[]): RtpToSend[] {
    const step = rtpClockRate(CODECS[payloadType] ?? 'pcmu') / 50;
    return Array.from({ length: count }, (_, index) => ({
      ...{ payloadType, ssrc, ...this.place(ssrc, step) },
      payload: payloads[index % payloads.length]!,
    }));
  }

  /** Where the next packet of a source belongs, which takes so much time. */
  place(ssrc: number, units: number): { sequence: number; timestamp: number } {
    const place = this.#places.get(ssrc) ?? { sequence: 1, timestamp: 160 };
    const { sequence, timestamp } = place;
    this.#places.set(ssrc, {
      sequence: (sequence + 1) & 0xffff,
      timestamp: (timestamp + units) >>> 0,
    });
    this.sent += 1;
    return place;
  }
}

const speakers = new WeakMap<object, Speaker>();

function speakerOf(end: object): Speaker {
  const known = speakers.get(end) ?? new Speaker();
  speakers.set(end, known);
  return known;
}

/** Lets an end go on with the stream of another one. */
export function speakAs(end: object, other: object): void {
  speakers.set(end, speakerOf(other));
}

/** How many packets an end has sent through an engine that decodes. */
export function sentBy(end: object): number {
  return speakerOf(end).sent;
}

/**
 * Audio from one end to the other: these packets, one after the other, through an engine that passes packets on; through one that
 * decodes, a tone of the same source until it is heard.
 */
export async function carry(
  engine: Pick<EngineUnderTest, 'decodes'>,
  packets: readonly RtpToSend[],
  { from, to }: { from: End; to: End },
): Promise<void> {
  const [first] = packets;
  if (engine.decodes !== true || first === undefined) return sendInStep(packets, from, to);
  const speaker = speakerOf(from);
  const payloads = tonePayloads(CODECS[first.payloadType] ?? 'pcmu');
  const before = to.rtp.items.length;
  while (!hearsTone(to.rtp.items.slice(before)))
    await sendPaced(speaker.next(PACKETS_AT_ONCE, first, payloads), from);
}

/** Whether the end of what arrived is the tone that carry() sends. */
export function hearsTone(packets: readonly ReceivedRtp[]): boolean {
  const audio = packets.filter(({ payloadType }) => CODECS[payloadType] !== undefined);
  const codec = CODECS[audio.at(-1)?.payloadType ?? -1];
  if (codec === undefined || audio.length < HEARD_PACKETS) return false;
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  const heard = audio
    .slice(-2 * HEARD_PACKETS)
    .filter(({ payloadType }) => CODECS[payloadType] === codec)
    .flatMap(({ payload }) => [...pcm.subarray(0, decoder.decode(payload, pcm))]);
  const last = Int16Array.from(heard.slice(-(decoder.sampleRate / 20)));
  return last.length > 0 && hearTone(last, HZ, decoder.sampleRate).amplitude > LEAST_AMPLITUDE;
}

/** Whole periods of the tone, so that it goes on without a click. */
function tonePayloads(codec: CodecName): Buffer[] {
  const encoder = createEncoder(codec, 'g722');
  const samples = encoder.sampleRate / 50;
  const pcm = tone({ hz: HZ, sampleRate: encoder.sampleRate, samples: 5 * samples });
  return Array.from({ length: PACKETS_AT_ONCE }, (_, index) =>
    Buffer.from(encoder.encode(pcm.subarray(index * samples, (index + 1) * samples))),
  );
}

/** Packets of silence. */
function quiet(end: End, count: number, { codec, type }: AudioFormat): Promise<void> {
  const encoder = createEncoder(codec, 'g722');
  const silent = Buffer.from(encoder.encode(new Int16Array(encoder.sampleRate / 50)));
  return sendPaced(
    speakerOf(end).next(count, { ...SOURCE, payloadType: type, payload: silent }, [silent]),
    end,
  );
}

/** A codec under the payload type that an end has for it. */
interface AudioFormat {
  codec: CodecName;
  type: number;
}

const SOURCE = { ssrc: 7, sequence: 0, timestamp: 0 };

/** A key as a phone sends it: events of 100 ms in the place of audio, with silence before and after. */
export async function pressAmidAudio(
  end: End,
  event: number,
  { payloadType, clock, audio }: { payloadType: number; clock: number; audio: AudioFormat },
): Promise<void> {
  await quiet(end, 5, audio);
  const speaker = speakerOf(end);
  // The last one three times, in a burst.
  const units = [1, 1, 1, 1, 1, 0, 0].map((share) => (share * rtpClockRate(audio.codec)) / 50);
  const places = units.map((each) => speaker.place(SOURCE.ssrc, each));
  const packets = places.map(({ sequence }, index) => {
    const steps = Math.min(index + 1, 5);
    const payload = Buffer.of(event, steps === 5 ? 0x8a : 0x0a, 0, 0);
    payload.writeUInt16BE((steps * clock) / 50, 2);
    const { timestamp } = places[0]!;
    return { ...SOURCE, payloadType, sequence, timestamp, marker: index === 0, payload };
  });
  await sendPaced(packets.slice(0, 5), end);
  for (const packet of packets.slice(5)) end.send(packet);
  await quiet(end, 10, audio);
}

/** The digits whose tones are in audio. */
export function digitsHeard(packets: readonly ReceivedRtp[], codec: CodecName): string {
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  const audio = packets
    .filter(({ payloadType }) => CODECS[payloadType] === codec)
    .flatMap(({ payload }) => [...pcm.subarray(0, decoder.decode(payload, pcm))]);
  const resampler = new Resampler(decoder.sampleRate, 8000);
  const narrow = new Int16Array(resampler.outputFor(audio.length) + 1);
  const samples = resampler.convert(Int16Array.from(audio), audio.length, narrow);
  return heard(narrow.subarray(0, samples));
}
