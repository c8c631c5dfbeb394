import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PressPairs, type PressSource } from './press-pairs.js';

type Told = [source: 'm' | 's', digit: string, at: number];

/** The digits that count, each as `digit@time`. */
function counted(told: readonly Told[]): string[] {
  const pairs = new PressPairs();
  const sources: Record<'m' | 's', PressSource> = { m: 'media', s: 'signalling' };
  return told
    .filter(([source, digit, at]) => !pairs.isRepeated(sources[source], digit, at))
    .map(([, digit, at]) => `${digit}@${at}`);
}

describe('presses told twice', () => {
  it.each<{ name: string; told: Told[]; left: string[] }>([
    { name: 'INFO first', told: [['s', '5', 0], ['m', '5', 90]], left: ['5@0'] }, // prettier-ignore
    { name: 'tone first', told: [['m', '5', 0], ['s', '5', 2000]], left: ['5@0'] }, // prettier-ignore
    { name: 'too far apart', told: [['m', '5', 0], ['s', '5', 2001]], left: ['5@0', '5@2001'] }, // prettier-ignore
    { name: 'another digit', told: [['m', '5', 0], ['s', '6', 1]], left: ['5@0', '6@1'] }, // prettier-ignore
    { name: 'one way only', told: [['m', '5', 0], ['m', '5', 170], ['m', '5', 340]], left: ['5@0', '5@170', '5@340'] }, // prettier-ignore
    {
      name: 'a press of one way after pairs',
      told: [['s', '5', 0], ['m', '5', 50], ['m', '5', 300]], // prettier-ignore
      left: ['5@0', '5@300'],
    },
  ])('$name', ({ told, left }) => {
    expect(counted(told)).toEqual(left);
  });

  it('pairs a long string of INFO at once with its tones, which take their time', () => {
    const digits = Array.from('4111111111111111#0912#');
    const told: Told[] = digits.map((digit, index) => ['s', digit, index]);
    for (const [index, digit] of digits.entries()) told.push(['m', digit, 400 + index * 400]);
    expect(counted(told)).toEqual(digits.map((digit, index) => `${digit}@${index}`));
  });

  it('counts each press once, however the two ways overtake each other', () => {
    const press = fc.record({
      digit: fc.constantFrom('1', '1', '2', '#'),
      mediaDelay: fc.integer({ min: 0, max: 900 }),
      infoDelay: fc.integer({ min: 0, max: 900 }),
    });
    const presses = fc.array(press, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(presses, (list) => {
        const told = list.flatMap(({ digit, mediaDelay, infoDelay }, index): Told[] => [
          ['m', digit, index * 140 + mediaDelay],
          ['s', digit, index * 140 + infoDelay],
        ]);
        told.sort((a, b) => a[2] - b[2]);
        const left = counted(told).map((text) => text.charAt(0));
        expect(left.sort()).toEqual(list.map(({ digit }) => digit).sort());
      }),
    );
  });

  it('remembers no more than a few', () => {
    const pairs = new PressPairs();
    for (let index = 0; index < 1000; index += 1) pairs.isRepeated('media', '5', index / 1000);
    const repeated = Array.from({ length: 100 }, () => pairs.isRepeated('signalling', '5', 2));
    expect(repeated.filter(Boolean)).toHaveLength(64);
  });
});
