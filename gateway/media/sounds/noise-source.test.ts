import { expect, it } from 'vitest';
import { NoiseSource, noiseLevelOf } from './noise-source.js';

it('makes noise of the level that it is told, and measures it', () => {
  for (const level of [20, 50, 70]) {
    const pcm = new Int16Array(8000);
    expect(new NoiseSource(level).fill(pcm)).toBe(8000);
    expect(Math.abs(noiseLevelOf(pcm, 8000) - level)).toBeLessThanOrEqual(1);
  }
  expect(noiseLevelOf(new Int16Array(160), 160)).toBe(127);
  expect(noiseLevelOf(new Int16Array(160).fill(32_767), 160)).toBe(0);
  expect(noiseLevelOf(new Int16Array(0), 0)).toBe(127);
});
