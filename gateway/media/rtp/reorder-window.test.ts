import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderWindow } from './reorder-window.js';
import { sequenceOf, writeHeader } from './rtp-packet.js';

function opened() {
  const out: number[] = [];
  const gaps: number[] = [];
  const window = new ReorderWindow(({ packet }, lost) => {
    out.push(sequenceOf(packet));
    gaps.push(lost);
  });
  const push = (...sequences: number[]): void => {
    for (const sequence of sequences) {
      const packet = Buffer.alloc(12);
      writeHeader(packet, 0, { marker: false, payloadType: 0, sequence, timestamp: 0, ssrc: 1 });
      window.push({ packet, start: 12, end: 12 });
    }
  };
  return { window, push, out, gaps };
}

describe('ReorderWindow', () => {
  it('passes what is in order at once, over the wrap', () => {
    const { push, out, gaps } = opened();
    push(65_534, 65_535, 0, 1);
    expect(out).toEqual([65_534, 65_535, 0, 1]);
    expect(gaps).toEqual([0, 0, 0, 0]);
  });

  it('swaps what was swapped, and drops doubles and what comes too late', () => {
    const { push, out, gaps } = opened();
    push(1, 3, 3, 2, 2, 4, 1, 5);
    expect(out).toEqual([1, 2, 3, 4, 5]);
    expect(gaps.every((gap) => gap === 0)).toBe(true);
  });

  it('gives a packet up when a second one came after it', () => {
    const { push, out, gaps } = opened();
    push(1, 3);
    expect(out).toEqual([1]);
    push(4);
    expect(out).toEqual([1, 3, 4]);
    expect(gaps).toEqual([0, 1, 0]);
    push(2);
    expect(out).toEqual([1, 3, 4]);
  });

  it('starts anew after a jump of the source and after a flush', () => {
    const { window, push, out, gaps } = opened();
    push(1, 3, 30_000);
    expect(out).toEqual([1, 3, 30_000]);
    window.flush();
    push(30_020);
    expect(gaps).toEqual([0, 1, 0, 0]);
  });

  it('keeps the order and holds back one packet at most, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 }), (sequences) => {
        const { window, push, out } = opened();
        push(...sequences);
        window.flush();
        expect(out).toEqual([...new Set(out)].sort((a, b) => a - b));
        expect(out.every((sequence) => sequences.includes(sequence))).toBe(true);
      }),
    );
  });
});
