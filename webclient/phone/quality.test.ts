import { describe, expect, it } from 'vitest';
import { meanOpinion, qualityBetween, type QualityCounters } from './quality.js';

const counters = (changes: Partial<QualityCounters> = {}): QualityCounters => ({
  ...{ at: 0, packetsReceived: 0, packetsLost: 0, jitterMs: 2, roundTripMs: 40 },
  ...{ bufferSeconds: 0, bufferSamples: 0, codec: 'opus', inputLevel: 0, outputLevel: 0 },
  ...changes,
});

describe('meanOpinion', () => {
  it('is that of a clean G.711 line at no loss and little delay', () => {
    expect(meanOpinion({ lossPercent: 0, delayMs: 20, codec: 'PCMU' })).toBeCloseTo(4.4, 1);
  });

  it('falls with loss and with delay, and stays within 1 and 4.5', () => {
    const at = (lossPercent: number, delayMs: number): number =>
      meanOpinion({ lossPercent, delayMs, codec: 'opus' });
    expect(at(5, 20)).toBeLessThan(at(0, 20));
    expect(at(0, 400)).toBeLessThan(at(0, 100));
    expect(at(100, 5000)).toBe(1);
    expect(at(0, 0)).toBeLessThanOrEqual(4.5);
  });

  it('takes a codec it does not know for a middling one', () => {
    const of = (codec: string | undefined): number =>
      meanOpinion({ lossPercent: 0, delayMs: 20, codec });
    expect(of(undefined)).toBeLessThan(of('pcma'));
  });
});

describe('qualityBetween', () => {
  it('tells the loss of the interval, not of the call', () => {
    const before = counters({ packetsReceived: 1000, packetsLost: 500 });
    const now = counters({ packetsReceived: 1090, packetsLost: 510, jitterMs: 7 });
    expect(qualityBetween(before, now)).toMatchObject({ lossPercent: 10, jitterMs: 7 });
  });

  it('has no opinion when nothing came', () => {
    expect(qualityBetween(counters(), counters()).mos).toBeUndefined();
  });

  it('does not take counters that begin again for a gain', () => {
    const before = counters({ packetsReceived: 100, packetsLost: 9 });
    expect(qualityBetween(before, counters({ packetsReceived: 3 }))).toMatchObject({
      lossPercent: 0,
      mos: undefined,
    });
  });
});
