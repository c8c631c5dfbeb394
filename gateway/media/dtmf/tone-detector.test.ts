import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heard,
  joined,
  listen,
  mixed,
  noise,
  pair,
  silence,
  type ToneShape,
} from '../../../test/support/dtmf/tone-bench.js';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../codecs/g711.js';
import { DIGITS } from './digit-event.js';
import { ToneDetector } from './tone-detector.js';
import { frequenciesOf } from './tone-plan.js';

const KEYS = Array.from(DIGITS);

/** What is heard of each of the sixteen keys, told apart by spaces. */
function heardOfEach(shapeOf: (digit: string) => Int16Array): string {
  return KEYS.map((digit) => heard(shapeOf(digit))).join(' ');
}

/** Both tones of 5, from 5 % below to 5 % above it in 120 ms, and back. */
function gliding(ms: number): Int16Array {
  const { low, high } = frequenciesOf('5')!;
  let [lowPhase, highPhase] = [0, 0];
  return Int16Array.from({ length: ms * 8 }, (_, index) => {
    const way = Math.abs(((index / 960) % 2) - 1);
    const turn = (2 * Math.PI * (0.95 + 0.1 * way)) / 8000;
    lowPhase += turn * low;
    highPhase += turn * high;
    return 5000 * (Math.sin(lowPhase) + Math.sin(highPhase));
  });
}

const ALL = KEYS.join(' ');
const TWICE = KEYS.map((digit) => digit + digit).join(' ');
const NONE = KEYS.map(() => '').join(' ');

describe('a tone of each key (ITU-T Q.24)', () => {
  it.each<[string, Omit<ToneShape, 'digit'>, string]>([
    ['of 40 ms', { ms: 40 }, ALL],
    ['of 23 ms', { ms: 23 }, NONE],
    ['at -3 dBm0', { lowDbm0: -3, highDbm0: -3, ms: 40 }, ALL],
    ['at -25 dBm0', { lowDbm0: -25, highDbm0: -25, ms: 40 }, ALL],
    ['at -35 dBm0', { lowDbm0: -35, highDbm0: -35 }, NONE],
    ['1.5 % too high', { detune: 1.015, ms: 40 }, ALL],
    ['1.5 % too low', { detune: 0.985, ms: 40 }, ALL],
    ['1.5 % too far apart', { detune: [0.985, 1.015], ms: 40 }, ALL],
    ['3.5 % too high', { detune: 1.035 }, NONE],
    ['3.5 % too low', { detune: 0.965 }, NONE],
    ['with the low frequency 3.5 % off', { detune: [1.035, 1] }, NONE],
    ['with the high frequency 3.5 % off', { detune: [1, 0.965] }, NONE],
    ['with the high frequency 4 dB louder', { lowDbm0: -14, highDbm0: -10, ms: 40 }, ALL],
    ['with the low frequency 8 dB louder', { lowDbm0: -10, highDbm0: -18, ms: 40 }, ALL],
    ['with the high frequency 8 dB louder', { lowDbm0: -18, highDbm0: -10 }, NONE],
    ['with the low frequency 12 dB louder', { lowDbm0: -8, highDbm0: -20 }, NONE],
  ])('%s', (...[, shape, expected]) => {
    expect(heardOfEach((digit) => pair({ ...shape, digit }))).toBe(expected);
  });

  it.each([
    [10, ALL],
    [2, ALL],
    [40, TWICE],
    [65, TWICE],
  ])('with a pause of %i ms in it', (ms, expected) => {
    const shape = (digit: string): Int16Array =>
      joined(pair({ digit, ms: 47 }), silence(ms), pair({ digit, ms: 51 }));
    expect(heardOfEach(shape)).toBe(expected);
  });

  it.each([
    [15, 40],
    [12, 100],
  ])('in noise %i dB below it, for %i ms', (below, ms) => {
    const sum = (digit: string, seed: number): Int16Array =>
      mixed(pair({ digit, ms }), noise(ms * 8, -7 - below, seed));
    for (let seed = 1; seed <= 10; seed += 1)
      expect(heardOfEach((digit) => sum(digit, seed))).toBe(ALL);
  });

  it.each([
    ['mu-law', (sample: number) => decodeMuLaw(encodeMuLaw(sample))],
    ['A-law', (sample: number) => decodeALaw(encodeALaw(sample))],
  ])('through %s, loud and soft', (...[, law]) => {
    for (const dbm0 of [-3, -25]) {
      const tone = (digit: string): Int16Array =>
        pair({ digit, ms: 40, lowDbm0: dbm0, highDbm0: dbm0 }).map(law);
      expect(heardOfEach(tone)).toBe(ALL);
    }
  });
});

describe('what is told of a tone', () => {
  it.each([40, 61, 100, 133, 1000, 9000])('of %i ms', (ms) => {
    const events = listen(pair({ digit: '5', ms }), 80);
    const ends = events.filter(({ ended }) => ended);
    expect(ends).toHaveLength(1);
    expect(events.at(-1)).toBe(ends[0]);
    expect(Math.abs(ends[0]!.durationMs - ms)).toBeLessThanOrEqual(6);
    expect(Math.abs(ends[0]!.startedAt - 60)).toBeLessThanOrEqual(10);
    const lengths = events.map(({ durationMs }) => durationMs);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it('ends with the audio', () => {
    const events: boolean[] = [];
    const detector = new ToneDetector({ onDigit: ({ ended }) => events.push(ended) });
    detector.push(pair({ digit: '5', ms: 60 }), 480, 60);
    expect([detector.active, events.includes(true)]).toEqual([true, false]);
    detector.finish();
    detector.finish();
    expect([detector.active, events.filter(Boolean).length, detector.digits]).toEqual([
      false,
      1,
      1,
    ]);
  });
});

describe('no digit', () => {
  it.each([
    ['one frequency alone', (ms: number) => pair({ digit: '5', ms, highDbm0: -60 })],
    ['noise', (ms: number) => noise(ms * 8, -10)],
    ['two tones that glide through a key', (ms: number) => gliding(ms)],
    ['silence', (ms: number) => silence(ms)],
    [
      'two keys at once',
      (ms: number) => mixed(pair({ digit: '1', ms }), pair({ digit: '9', ms, lowDbm0: -9 })),
    ],
    [
      'full scale clipping at random',
      (ms: number) => noise(ms * 8, 10).map((sample) => (sample < 0 ? -32_768 : 32_767)),
    ],
  ])('in %s', (...[, sound]) => {
    expect(heard(sound(3000))).toBe('');
  });
});

it('hears any string of keys exactly once and in order, in packets of any size', () => {
  const level = fc.integer({ min: -25, max: -5 });
  const key = fc.record({
    digit: fc.constantFrom(...KEYS),
    ms: fc.integer({ min: 40, max: 200 }),
    gap: fc.integer({ min: 40, max: 150 }),
    lowDbm0: level,
    twist: fc.integer({ min: -7, max: 4 }),
    detune: fc.double({ min: 0.986, max: 1.014, noNaN: true }),
  });
  const strings = fc.array(key, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(strings, fc.integer({ min: 1, max: 480 }), (keys, step) => {
      const parts = keys.flatMap(({ gap, twist, lowDbm0, ...shape }) => {
        const highDbm0 = Math.max(-25, Math.min(-3, lowDbm0 + twist));
        return [pair({ ...shape, lowDbm0, highDbm0 }), silence(gap)];
      });
      expect(heard(joined(...parts), step)).toBe(keys.map(({ digit }) => digit).join(''));
    }),
    { numRuns: 150 },
  );
});
