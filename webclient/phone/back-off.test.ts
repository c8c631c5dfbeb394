import { describe, expect, it } from 'vitest';
import { BackOff } from './back-off.js';

describe('BackOff', () => {
  it('doubles up to its maximum and starts over after a success', () => {
    const backOff = new BackOff({ firstMs: 1000, maximumMs: 5000, random: () => 1 - 1e-9 });
    expect([1, 2, 3, 4].map(() => backOff.next())).toEqual([1000, 2000, 4000, 5000]);
    backOff.reset();
    expect(backOff.next()).toBe(1000);
  });

  it('spreads each delay over its upper half', () => {
    expect(new BackOff({ random: () => 0 }).next()).toBe(500);
    expect(new BackOff({ random: () => 0.5 }).next()).toBe(750);
  });

  it('stays at the maximum however often it fails', () => {
    const backOff = new BackOff({ random: () => 0 });
    for (let attempt = 0; attempt < 2000; attempt++) backOff.next();
    expect(backOff.next()).toBe(15_000);
  });
});
