import { describe, expect, it } from 'vitest';
import { hearTone, tone } from '../../../test/support/tone.js';
import { linearBytes } from '../../../test/support/wav.js';
import { FileSource } from './file-source.js';
import { ResampledSource } from './resampled-source.js';

describe('a sound at another rate', () => {
  it.each([
    [16_000, 8000],
    [8000, 16_000],
  ] as const)('sounds the same at %i as %i, in pieces of any length, and ends', (from, to) => {
    const data = linearBytes(tone({ hz: 600, sampleRate: from, samples: from }));
    const source = new FileSource({ coding: 'linear', sampleRate: from, data }, false);
    const resampled = new ResampledSource(source, to);
    const heard: number[] = [];
    for (const length of [1, 500, 7, to]) {
      const pcm = new Int16Array(length);
      heard.push(...pcm.subarray(0, resampled.fill(pcm)));
    }
    // But for what the filter keeps.
    expect(Math.abs(heard.length - to)).toBeLessThan(to / 100);
    const { amplitude, signalToNoiseDb } = hearTone(
      Int16Array.from(heard.slice(to / 10, -to / 10)),
      600,
      to,
    );
    expect(amplitude).toBeGreaterThan(7500);
    expect(signalToNoiseDb).toBeGreaterThan(40);
    expect(resampled.fill(new Int16Array(10))).toBe(0);
  });
});
