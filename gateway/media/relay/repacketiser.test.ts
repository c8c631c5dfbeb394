import { describe, expect, it } from 'vitest';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';
import { markerOf, sequenceOf, timestampOf } from '../rtp/rtp-packet.js';
import { Repacketiser } from './repacketiser.js';

interface Made {
  sequence: number;
  timestamp: number;
  marker: boolean;
  audio: number[];
}

function bench(ptimeMs: number) {
  const made: Made[] = [];
  const repacketiser = new Repacketiser({
    ptimeMs,
    sink: (packet, { start, end }) => {
      made.push({
        sequence: sequenceOf(packet),
        timestamp: timestampOf(packet),
        marker: markerOf(packet),
        audio: [...packet.subarray(start, end)],
      });
    },
  });
  /** A packet of a stream whose n-th millisecond holds eight bytes of n. */
  const push = (sequence: number, ...[atMs, ms, ssrc = 5]: [number, number, number?]): void => {
    const bytes = Array.from({ length: ms * 8 }, (_, index) => (atMs + (index >> 3)) & 0xff);
    const packet = rtpPacket({
      ...{ payloadType: 0, sequence, timestamp: (0xffff_ff00 + atMs * 8) >>> 0, ssrc },
      payload: Buffer.from(bytes),
    });
    repacketiser.push(packet, { start: 12, end: packet.length }, atMs);
  };
  return { made, push, repacketiser };
}

const sizes = [10, 20, 30, 40, 60];

describe('the repacketiser', () => {
  it.each(sizes.flatMap((from) => sizes.map((to) => [from, to] as const)))(
    'makes of packets of %i ms such of %i ms, and loses no byte',
    (from, to) => {
      const { made, push } = bench(to);
      for (let index = 0; index * from < 240; index += 1) push(65_530 + index, index * from, from);
      expect(made).toHaveLength(Math.floor(240 / to));
      const audio = made.flatMap((packet) => packet.audio);
      expect(audio).toEqual(Array.from({ length: made.length * to * 8 }, (_, index) => index >> 3));
      for (const [index, packet] of made.slice(1).entries()) {
        expect((packet.sequence - made[index]!.sequence) & 0xffff).toBe(1);
        expect((packet.timestamp - made[index]!.timestamp) >>> 0).toBe(to * 8);
      }
    },
  );

  it('puts packets into their order, and shows loss as a gap', () => {
    const { made, push } = bench(20);
    push(1, 0, 10);
    push(3, 20, 10);
    push(2, 10, 10);
    push(4, 30, 10);
    expect(made.map(({ audio }) => audio[0])).toEqual([0, 20]);
    push(5, 40, 10);
    push(9, 80, 10);
    push(10, 90, 10);
    push(11, 100, 10);
    push(12, 110, 10);
    const [, , short, after] = made;
    expect([short!.audio.length, after!.audio[0]]).toEqual([80, 80]);
    expect(after!.sequence - short!.sequence).toBeGreaterThan(1);
    expect(after!.timestamp - short!.timestamp).toBe(320);
    expect(after!.marker).toBe(false);
  });

  it('begins a talkspurt where the source does', () => {
    const { made, push } = bench(20);
    for (let index = 0; index < 4; index += 1) push(index, index * 10, 10);
    push(4, 1000, 10);
    push(5, 1010, 10);
    const [, before, after] = made;
    expect([after!.marker, after!.sequence - before!.sequence]).toEqual([true, 1]);
    expect(after!.timestamp - before!.timestamp).toBe(980 * 8);
  });

  it('drops what was begun of a source that another follows', () => {
    const { made, push } = bench(20);
    push(1, 0, 10);
    push(900, 500, 20, 6);
    push(901, 520, 20, 6);
    expect(made.map(({ audio }) => [audio.length, audio[0]])).toEqual([
      [160, 500 & 0xff],
      [160, 520 & 0xff],
    ]);
  });
});
