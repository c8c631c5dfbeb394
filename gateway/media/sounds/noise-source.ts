import type { SoundSource } from './sound-source.js';

const OVERLOAD = 32_767;
const QUIETEST_DB = 127;

/** White noise as a comfort noise packet describes it: by its level alone (RFC 3389 section 3.1). */
export class NoiseSource implements SoundSource {
  readonly sampleRate = 8000;
  /** Below the overload point, dB, 0 to 127. */
  levelDb: number;

  constructor(levelDb: number) {
    this.levelDb = levelDb;
  }

  fill(pcm: Int16Array): number {
    // Evenly spread from -peak to peak, the mean power is a third of the peak's.
    const peak = Math.min(OVERLOAD, OVERLOAD * 10 ** (-this.levelDb / 20) * Math.sqrt(3));
    for (let index = 0; index < pcm.length; index += 1) pcm[index] = (2 * Math.random() - 1) * peak;
    return pcm.length;
  }
}

/** The level of `pcm[0, samples)` as comfort noise tells it. */
export function noiseLevelOf(pcm: Int16Array, samples: number): number {
  let power = 0;
  for (let index = 0; index < samples; index += 1) power += (pcm[index] ?? 0) ** 2;
  if (power === 0) return QUIETEST_DB;
  const levelDb = -10 * Math.log10(power / samples / OVERLOAD ** 2);
  return Math.min(QUIETEST_DB, Math.max(0, Math.round(levelDb)));
}
