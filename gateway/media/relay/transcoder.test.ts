import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearTone, tone } from '../../../test/support/tone.js';
import { createDecoder, createEncoder } from '../codecs/create-codec.js';
import type { CodecName } from '../media-engine.js';
import { markerOf, sequenceOf, timestampOf, writeHeader } from '../rtp/rtp-packet.js';
import { Transcoder } from './transcoder.js';

const HEADER = { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 7 };

function packetOf(payload: Uint8Array, header: Partial<typeof HEADER>): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  writeHeader(packet, 0, { ...HEADER, ...header });
  packet.set(payload, 12);
  return packet;
}

function opened(from: CodecName, to: CodecName, ptimeMs = 20) {
  const out: Buffer[] = [];
  const transcoder = new Transcoder({
    ...{ from, to, ptimeMs },
    sink: (packet, { start, end }) => {
      expect([start, end]).toEqual([12, packet.length]);
      out.push(packet);
    },
  });
  const push = (payload: Uint8Array, header: Partial<typeof HEADER>): void => {
    const packet = packetOf(payload, header);
    transcoder.push(packet, { start: 12, end: packet.length }, 0);
  };
  return { transcoder, push, out };
}

/** PCMU of 440 Hz in packets, numbered. */
function spoken(ptimeMs: number, packets: number): Uint8Array[] {
  const encoder = createEncoder('pcmu', 'pcmu');
  const samples = ptimeMs * 8;
  const all = tone({ hz: 440, sampleRate: 8000, samples: samples * packets });
  return Array.from({ length: packets }, (_, index) =>
    Uint8Array.from(encoder.encode(all.subarray(index * samples, (index + 1) * samples))),
  );
}

function steps(packets: readonly Buffer[]): number[] {
  return packets
    .slice(1)
    .map((packet, index) => timestampOf(packet) - timestampOf(packets[index]!));
}

describe('Transcoder', () => {
  it.each([
    [10, 60],
    [60, 10],
    [30, 20],
    [20, 40],
  ])('makes packets of another length: %i ms to %i ms', (given, made) => {
    const { push, out } = opened('pcmu', 'g722', made);
    for (const [index, payload] of spoken(given, 120).entries())
      push(payload, { sequence: index, timestamp: index * given * 8 });
    expect(Math.abs(out.length - (120 * given) / made)).toBeLessThanOrEqual(1);
    expect(new Set(steps(out))).toEqual(new Set([made * 8]));
    const decoder = createDecoder('g722', 'g722');
    const pcm = new Int16Array(1920);
    const heard = out.flatMap((packet) => {
      const samples = decoder.decode(packet.subarray(12), pcm);
      return [...pcm.subarray(0, samples)];
    });
    const steady = Int16Array.from(heard).subarray(1600, 16_000);
    expect(hearTone(steady, 440, 16_000).signalToNoiseDb).toBeGreaterThan(30);
  });

  it('counts time in the clock of either codec', () => {
    const { push, out } = opened('pcmu', 'opus');
    for (const [index, payload] of spoken(20, 5).entries())
      push(payload, { sequence: index, timestamp: (0xffff_ff00 + index * 160) >>> 0 });
    expect(steps(out)).toEqual([960, 960, 960, 960]);
    expect(out.map(markerOf)).toEqual([true, false, false, false, false]);
  });

  it('carries a pause of the sender through as a step in time, with a marker', () => {
    const { push, out } = opened('pcmu', 'opus');
    const [first, second, third] = spoken(20, 3);
    push(first!, { sequence: 1, timestamp: 160 });
    push(second!, { sequence: 2, timestamp: 320 });
    push(third!, { sequence: 3, timestamp: 320 + 8000 });
    expect(steps(out)).toEqual([960, 48_000]);
    expect(markerOf(out[2]!)).toBe(true);
    expect(out.map(sequenceOf)).toEqual([1, 2, 3]);
  });

  it('makes up for lost packets up to 60 ms and leaves the rest of a gap', () => {
    for (const [lost, concealed] of [
      [1, 1],
      [2, 2],
      [10, 3],
    ] as const) {
      const { push, out } = opened('pcmu', 'g722');
      const payloads = spoken(20, 10 + lost + 10);
      for (const [index, payload] of payloads.entries())
        if (index < 10 || index >= 10 + lost)
          push(payload, { sequence: index, timestamp: index * 160 });
      // The resampler's delay may leave the last packet unfinished.
      expect(Math.abs(out.length - (20 + concealed)), `${lost} lost`).toBeLessThanOrEqual(1);
      const whole = timestampOf(out.at(-1)!) - timestampOf(out[0]!);
      expect(Math.abs(whole - (19 + lost) * 160), `${lost} lost`).toBeLessThanOrEqual(160);
    }
  });

  it('puts two swapped packets right and drops a double', () => {
    const { push, out } = opened('pcmu', 'opus');
    const payloads = spoken(20, 6);
    for (const index of [0, 1, 3, 2, 3, 4, 5])
      push(payloads[index]!, { sequence: index, timestamp: index * 160 });
    expect(steps(out)).toEqual([960, 960, 960, 960, 960]);
  });

  it('does not take what is left out on purpose for a loss', () => {
    const { transcoder, push, out } = opened('pcmu', 'pcma');
    const payloads = spoken(20, 4);
    push(payloads[0]!, { sequence: 1, timestamp: 0 });
    transcoder.skip();
    push(payloads[1]!, { sequence: 9, timestamp: 8 * 160 });
    expect(steps(out)).toEqual([8 * 160]);
  });

  it('takes any packets in any order without throwing', () => {
    const codec = fc.constantFrom<CodecName>('opus', 'g722', 'pcmu', 'pcma');
    const packet = fc.record({
      sequence: fc.nat({ max: 40 }),
      timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
      ssrc: fc.constantFrom(1, 1, 1, 2),
      payload: fc.uint8Array({ maxLength: 400 }),
    });
    fc.assert(
      fc.property(codec, codec, fc.array(packet, { maxLength: 20 }), (from, to, packets) => {
        const { push, out } = opened(from, to);
        for (const { payload, ...header } of packets) push(payload, header);
        expect(out.length).toBeLessThan(packets.length * 20 + 1);
      }),
    );
  });
});
