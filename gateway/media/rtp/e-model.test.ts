import { describe, expect, it } from 'vitest';
import { meanOpinionScore } from './e-model.js';

const good = { lossPercent: 0, jitterMs: 0, roundTripMs: 0 };

describe('meanOpinionScore', () => {
  // By hand from the formulas: R = 92.72 without delay and loss, 83.22 with a round trip of 400 ms, 77.0 with 5 % loss.
  it.each([
    [good, 4.4],
    [{ ...good, roundTripMs: 100 }, 4.37],
    [{ ...good, roundTripMs: 400 }, 4.14],
    [{ ...good, lossPercent: 1 }, 4.32],
    [{ ...good, lossPercent: 5 }, 3.91],
    [{ ...good, lossPercent: 20 }, 2.58],
    [{ lossPercent: 100, jitterMs: 200, roundTripMs: 2000 }, 1],
  ])('estimates %o as %d', (conditions, expected) => {
    expect(meanOpinionScore(conditions)).toBeCloseTo(expected, 1);
  });

  it('falls with loss, jitter and delay, and stays within its scale', () => {
    for (const part of ['lossPercent', 'jitterMs', 'roundTripMs'] as const) {
      let before = 4.5;
      for (const value of [0, 1, 3, 10, 30, 100]) {
        const score = meanOpinionScore({ ...good, [part]: value });
        expect(score).toBeLessThanOrEqual(before);
        expect(score).toBeGreaterThanOrEqual(1);
        before = score;
      }
    }
  });
});
