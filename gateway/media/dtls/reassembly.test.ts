import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import { Reassembly } from './reassembly.js';

const BODY = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));

function part(start: number, end: number, sequence = 0) {
  return { type: 1, sequence, length: 300, offset: start, bytes: BODY.subarray(start, end) };
}

describe('Reassembly', () => {
  it('makes a message of fragments that are reversed, doubled and overlap', () => {
    const reassembly = new Reassembly();
    for (const [start, end] of [
      [200, 300],
      [100, 250],
      [100, 250],
      [20, 60],
      [50, 110],
    ] as const)
      reassembly.add(part(start, end));
    expect(reassembly.take()).toBeUndefined();
    reassembly.add(part(0, 21));
    expect(reassembly.take()).toEqual({ type: 1, sequence: 0, body: BODY });
    expect(reassembly.take()).toBeUndefined();
    reassembly.add(part(0, 300));
    expect(reassembly.take()).toBeUndefined();
  });

  it('makes it of random pieces', () => {
    const random = new SeededRandom(11);
    for (let round = 0; round < 50; round += 1) {
      const reassembly = new Reassembly();
      let message = reassembly.take();
      for (let tries = 0; message === undefined && tries < 10_000; tries += 1) {
        const start = random.below(300);
        reassembly.add(part(start, start + 1 + random.below(Math.min(60, 300 - start))));
        message = reassembly.take();
      }
      expect(message?.body).toEqual(BODY);
    }
  });

  it('gives messages in their order, also empty ones', () => {
    const reassembly = new Reassembly();
    const empty = { type: 14, sequence: 1, length: 0, offset: 0, bytes: Buffer.alloc(0) };
    reassembly.add(empty);
    expect(reassembly.take()).toBeUndefined();
    reassembly.add(part(0, 300));
    expect(reassembly.take()?.sequence).toBe(0);
    expect(reassembly.take()).toEqual({ type: 14, sequence: 1, body: Buffer.alloc(0) });
    expect(reassembly.next).toBe(2);
  });

  it('leaves out a fragment that says another type or length', () => {
    const reassembly = new Reassembly();
    reassembly.add(part(0, 150));
    reassembly.add({ ...part(150, 300), type: 2 });
    reassembly.add({ ...part(150, 300), length: 301 });
    expect(reassembly.take()).toBeUndefined();
    reassembly.add(part(150, 300));
    expect(reassembly.take()?.body).toEqual(BODY);
  });

  it('keeps no more than it should, and what comes first has the right of way', () => {
    const reassembly = new Reassembly();
    const huge = (sequence: number) => ({ ...part(0, 10, sequence), length: 16_384 });
    reassembly.add({ ...part(0, 10), length: 16_385 });
    reassembly.add(part(0, 300, 8));
    for (const sequence of [2, 3, 4, 1]) reassembly.add(huge(sequence));
    // There was room for two of them: 1 has taken the place of 3, and 2 gives its own to the message that comes next.
    reassembly.add(part(0, 300));
    expect(reassembly.take()?.body).toEqual(BODY);
    reassembly.add({ ...huge(1), offset: 10, bytes: Buffer.alloc(16_374) });
    expect(reassembly.take()?.body.length).toBe(16_384);
    expect(reassembly.next).toBe(2);
  });

  it('is neither slowed down by crumbs nor spoilt', () => {
    const reassembly = new Reassembly();
    const crumb = (offset: number) => ({
      ...{ type: 1, sequence: 0, length: 16_384, offset },
      bytes: Buffer.of(1),
    });
    for (let offset = 0; offset < 16_384; offset += 2) reassembly.add(crumb(offset));
    for (let offset = 0; offset < 16_384; offset += 1)
      reassembly.add({ ...crumb(offset), bytes: Buffer.alloc(0) });
    expect(reassembly.take()).toBeUndefined();
    reassembly.add({ ...crumb(0), bytes: Buffer.alloc(16_384, 1) });
    expect(reassembly.take()?.body).toEqual(Buffer.alloc(16_384, 1));
  });
});
