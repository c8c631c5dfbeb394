import { createDecoder, createEncoder } from '../../gateway/media/codecs/create-codec.js';
import { rtpClockRate } from '../../gateway/media/dtmf/telephone-event-choice.js';
import type { CodecName } from '../../gateway/media/media-engine.js';
import { expect } from 'vitest';
import { sendInStep, sendPaced } from '../support/media-rig.js';
import type { ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import { hearTone, tone } from '../support/tone.js';
import type { EngineUnderTest } from './engine-under-test.js';
import { carry, type End } from './speaker.js';

/** Packets that may still be on their way through an engine with a pace of its own. */
const UNDER_WAY = 10;

export const TYPES: Record<CodecName, number> = {
  ...{ opus: 111, g722: 9, pcmu: 0, pcma: 8, 'l16-8000': 118, 'l16-16000': 119 },
};
const PACKETS = 40;
const TONE_HZ = 440;

/** The codec of a leg, under the payload type that it has in the SDP for it. */
export interface Format {
  codec: CodecName;
  type: number;
}

export function formatIn(sdp: string, codec: CodecName): Format {
  const opus = /^a=rtpmap:(\d+) opus/m.exec(sdp)?.[1];
  return { codec, type: codec === 'opus' && opus !== undefined ? Number(opus) : TYPES[codec] };
}

/** A tone in packets of 20 ms. */
export function toneIn(
  { codec, type }: Format,
  first: { sequence: number; timestamp: number },
): RtpToSend[] {
  const encoder = createEncoder(codec, 'g722');
  const samples = encoder.sampleRate / 50;
  const pcm = tone({
    ...{ hz: TONE_HZ, sampleRate: encoder.sampleRate },
    samples: samples * PACKETS,
  });
  return Array.from({ length: PACKETS }, (_, index) => ({
    payloadType: type,
    sequence: (first.sequence + index) & 0xffff,
    timestamp: (first.timestamp + (index * rtpClockRate(codec)) / 50) >>> 0,
    ssrc: 77,
    payload: Buffer.from(encoder.encode(pcm.subarray(index * samples, (index + 1) * samples))),
  }));
}

/** A tone from one end to the other, as it sounds in the format of that one; resolves when it has arrived. */
export async function carryTone(
  engine: EngineUnderTest,
  packets: readonly RtpToSend[],
  { from, to, heard }: { from: End; to: End; heard: Format },
): Promise<void> {
  if (engine.decodes === true) return carry(engine, packets, { from, to });
  const before = to.rtp.items.length;
  if (engine.paced === true) {
    await sendPaced(packets, from);
    await to.rtp.waitFor(before + packets.length - UNDER_WAY);
  } else await sendInStep(packets, from, to);
  expectTone(engine, to.rtp.items.slice(before), heard);
}

function expectTone(
  engine: EngineUnderTest,
  packets: readonly ReceivedRtp[],
  { codec, type }: Format,
): void {
  const audio = packets.filter(({ payloadType }) => payloadType === type);
  // A busy daemon of several threads may send two in the wrong order.
  if (engine.paced === true) audio.sort((a, b) => ((a.sequence - b.sequence) << 16) >> 16);
  const lacking = engine.paced === true ? UNDER_WAY : 1;
  expect(audio.length).toBeGreaterThanOrEqual(PACKETS - lacking);
  for (const [index, packet] of audio.entries()) {
    const before = audio[index - 1];
    if (before === undefined) continue;
    const steps = (packet.sequence - before.sequence) & 0xffff;
    const units = (packet.timestamp - before.timestamp) >>> 0;
    if (engine.paced === true) {
      // A busy machine loses packets behind an engine that waits for none.
      expect(steps).toBeGreaterThan(0);
      expect(steps).toBeLessThanOrEqual(UNDER_WAY);
      expect(units % (rtpClockRate(codec) / 50)).toBe(0);
    } else expect([steps, units]).toEqual([1, rtpClockRate(codec) / 50]);
  }
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  const heard = audio.flatMap((packet) => [
    ...pcm.subarray(0, decoder.decode(packet.payload, pcm)),
  ]);
  const steady = Int16Array.from(heard).subarray(decoder.sampleRate / 4);
  const { amplitude, signalToNoiseDb } = hearTone(steady, TONE_HZ, decoder.sampleRate);
  expect(amplitude).toBeGreaterThan(engine.leastAmplitude ?? 6500);
  expect(amplitude).toBeLessThan(9500);
  expect(signalToNoiseDb).toBeGreaterThan(13);
}
