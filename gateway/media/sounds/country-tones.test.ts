import { describe, expect, it } from 'vitest';
import { hearTone } from '../../../test/support/tone.js';
import { TONE_COUNTRIES, tonePlan } from './country-tones.js';
import { ToneSource } from './tone-source.js';

function samplesOf(plan: ReturnType<typeof tonePlan>, ms: number): Int16Array {
  const pcm = new Int16Array(ms * 8);
  new ToneSource(plan).fill(pcm);
  return pcm;
}

function loudness(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
}

describe('the tones of the phone network', () => {
  it('are known for at least 25 countries, each with whole bursts of audible frequencies', () => {
    expect(TONE_COUNTRIES.length).toBeGreaterThanOrEqual(25);
    for (const country of TONE_COUNTRIES) {
      expect(country).toMatch(/^[A-Z]{2}$/);
      for (const tone of ['ringback', 'busy', 'congestion'] as const) {
        const { hz, bursts } = tonePlan(tone, country);
        expect(hz.every((value) => value >= 300 && value <= 700)).toBe(true);
        expect(bursts.length).toBeGreaterThan(0);
        expect(bursts.every(({ onMs, offMs }) => onMs >= 100 && offMs >= 100)).toBe(true);
      }
    }
  });

  it('sound as long and as high as the plan says', () => {
    const pcm = samplesOf(tonePlan('ringback', 'de'), 10_000);
    const { signalToNoiseDb } = hearTone(pcm.subarray(80, 7760), 425, 8000);
    expect(signalToNoiseDb).toBeGreaterThan(40);
    expect(loudness(pcm.subarray(8000, 40_000))).toBe(0);
    expect(loudness(pcm.subarray(40_100, 47_900))).toBeGreaterThan(4000);
  });

  it('have two bursts where the country has two', () => {
    const pcm = samplesOf(tonePlan('ringback', 'GB'), 3000);
    const parts = [200, 500, 800, 2000].map((ms) => loudness(pcm.subarray(ms * 8, ms * 8 + 400)));
    expect(parts.map((level) => level > 1000)).toEqual([true, false, true, false]);
  });

  it('stay at the level of one tone with two frequencies, and do not click', () => {
    for (const country of ['US', 'IN', 'DE']) {
      const pcm = samplesOf(tonePlan('ringback', country), 3000);
      const steps = pcm.slice(1).map((sample, index) => Math.abs(sample - (pcm[index] ?? 0)));
      expect(Math.max(...steps)).toBeLessThan(6000);
      expect(Math.abs(pcm[1] ?? 0)).toBeLessThan(50);
      expect(Math.max(...pcm)).toBeLessThan(12_000);
    }
  });

  it('are those of ITU-T E.180 elsewhere', () => {
    expect(tonePlan('busy', 'XX')).toEqual({
      hz: [425],
      modulatedBy: undefined,
      bursts: [{ onMs: 500, offMs: 500 }],
    });
  });
});
