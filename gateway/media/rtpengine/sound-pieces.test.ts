import { describe, expect, it } from 'vitest';
import { tonePlan } from '../sounds/country-tones.js';
import type { SoundSource } from '../sounds/sound-source.js';
import { ToneSource } from '../sounds/tone-source.js';
import { SoundPieces } from './sound-pieces.js';

/** As many samples as asked for, each other than the one before. */
function counting(samples: number): SoundSource {
  let at = 0;
  return {
    sampleRate: 8000,
    fill: (pcm) => {
      const length = Math.min(pcm.length, samples - at);
      for (let index = 0; index < length; index += 1) pcm[index] = ((at + index) % 20_000) + 1;
      at += length;
      return length;
    },
  };
}

describe('pieces of a sound for rtpengine', () => {
  it('hold every sample once, in whole packets that fit into a datagram', () => {
    const pieces = new SoundPieces(counting(150_001));
    const all: Int16Array[] = [];
    for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) all.push(piece);
    expect(all.every(({ length }) => length > 0 && length <= 60_480)).toBe(true);
    expect(all.every(({ length }) => length % pieces.packetSamples === 0)).toBe(true);
    const samples = all.flatMap((piece) => [...piece]);
    const wanted = Array.from({ length: 150_001 }, (_, index) => (index % 20_000) + 1);
    expect(samples.slice(0, 150_001)).toEqual(wanted);
    expect(samples.slice(150_001).every((sample) => sample === 0)).toBe(true);
    expect(pieces.next()).toBeUndefined();
  });

  it.each(['ringback', 'busy'] as const)('cut %s between two bursts', (name) => {
    const pieces = new SoundPieces(new ToneSource(tonePlan(name, 'US')));
    for (let count = 0; count < 5; count += 1) {
      const piece = pieces.next();
      expect(piece?.at(-1)).toBe(0);
      expect(piece?.length).toBeGreaterThan(40_000);
    }
  });
});
