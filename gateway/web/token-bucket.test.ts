import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { TokenBucket } from './token-bucket.js';

describe('TokenBucket', () => {
  it('gives the burst at once and then the rate', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket(clock, { perSecond: 10, burst: 3 });
    const takeAll = (): number => {
      let taken = 0;
      while (bucket.take()) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(3);
    clock.advance(99);
    expect(takeAll()).toBe(0);
    clock.advance(1);
    expect(takeAll()).toBe(1);
    clock.advance(60_000);
    expect(takeAll()).toBe(3);
  });

  it('never gives more than burst plus rate times time', () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 500 }), asks: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const clock = new ManualClock();
        const bucket = new TokenBucket(clock, { perSecond: 10, burst: 20 });
        let taken = 0;
        for (const { wait, asks } of steps) {
          clock.advance(wait);
          for (let i = 0; i < asks; i++) taken += bucket.take() ? 1 : 0;
          expect(taken).toBeLessThanOrEqual(20 + clock.monotonic() / 100 + 1e-6);
        }
      }),
    );
  });
});
