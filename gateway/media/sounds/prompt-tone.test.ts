import { describe, expect, it } from 'vitest';
import { speech } from '../../../test/support/dtmf/speech.js';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../codecs/g711.js';
import { PromptTone } from './prompt-tone.js';

const RATE = 8000;

function tones(hz: readonly number[], ms: number, amplitude = 4000): Int16Array {
  const samples = (ms * RATE) / 1000;
  return Int16Array.from({ length: samples }, (_, n) =>
    hz.reduce((sum, one) => sum + amplitude * Math.sin((2 * Math.PI * one * n) / RATE), 0),
  );
}

const silence = (ms: number) => new Int16Array((ms * RATE) / 1000);

/** ms after which the prompt was heard, in packets of 20 ms. */
function heardAfter(...parts: readonly Int16Array[]): number[] {
  const prompt = new PromptTone();
  const all = Int16Array.from(parts.flatMap((part) => [...part]));
  const heard: number[] = [];
  for (let start = 0; start < all.length; start += 160)
    if (prompt.push(all.slice(start, start + 160), Math.min(160, all.length - start)))
      heard.push(start / 8 + 20);
  return heard;
}

describe('a prompt', () => {
  it.each([
    ['a beep of 1000 Hz', [1000]],
    ['a beep of 440 Hz', [440]],
    ['a beep of 1400 Hz', [1400]],
    ['a key', [770, 1336]],
  ])('%s is heard when it has ended', (_, hz) => {
    const [at, ...more] = heardAfter(silence(500), tones(hz, 400), silence(500));
    expect(more).toEqual([]);
    expect(at).toBeGreaterThanOrEqual(900);
    expect(at).toBeLessThanOrEqual(1000);
  });

  it.each([
    ['Germany', [425]],
    ['the USA', [350, 440]],
    ['the UK', [350, 450]],
  ])('the dial tone of %s is heard while it lasts, once', (_, hz) => {
    const [at, ...more] = heardAfter(silence(200), tones(hz, 5_000));
    expect(more).toEqual([]);
    expect(at).toBeGreaterThanOrEqual(2_600);
    expect(at).toBeLessThanOrEqual(2_900);
  });

  it.each([
    ['mu-law', encodeMuLaw, decodeMuLaw],
    ['A-law', encodeALaw, decodeALaw],
  ])('comes through %s, also when it is quiet', (_, encode, decode) => {
    const quiet = tones([1000], 400, 700).map((sample) => decode(encode(sample)));
    expect(heardAfter(silence(200), quiet, silence(200))).toHaveLength(1);
  });

  it('is no short blip, no noise, and no silence', () => {
    const noise = Int16Array.from({ length: RATE }, (_, n) => 4000 * Math.sin(n * n * 0.7));
    expect(heardAfter(tones([1000], 120), silence(300), noise, silence(300))).toEqual([]);
  });

  it('is hardly ever heard in speech', () => {
    let [minutes, heard] = [0, 0];
    for (const { pcm } of speech(160, 1)) {
      minutes += pcm.length / RATE / 60;
      heard += heardAfter(pcm).length;
    }
    expect(minutes).toBeGreaterThan(0.1);
    expect(heard / minutes).toBeLessThanOrEqual(1);
  });
});
