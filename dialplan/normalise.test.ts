import fc from 'fast-check';
import { getCountries, getExampleNumber, type CountryCode } from 'libphonenumber-js';
import examples from 'libphonenumber-js/examples.mobile.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { bareNumber, normalise } from './normalise.js';

const read = (dialled: string, country: CountryCode = 'DE') =>
  normalise(bareNumber(dialled), country);

describe('numbers that are understood', () => {
  it.each([
    ['030 1234567', 'DE', '+49301234567'],
    ['(030) 123-45.67', 'DE', '+49301234567'],
    ['030/1234567', 'DE', '+49301234567'],
    ['+49 30 1234567', 'DE', '+49301234567'],
    ['+49 (0)30 1234567', 'DE', '+49301234567'],
    ['0049301234567', 'DE', '+49301234567'],
    ['００４９３０１２３４５６７', 'DE', '+49301234567'],
    ['\u202A+49\u00A030\u20111234567\u202C', 'DE', '+49301234567'],
    ['0033 1 23 45 67 89', 'DE', '+33123456789'],
    ['011 44 20 7946 0958', 'US', '+442079460958'],
    ['(202) 555-0143', 'US', '+12025550143'],
    ['1 202 555 0143', 'US', '+12025550143'],
    ['06 1234 5678', 'IT', '+390612345678'],
    ['+800 1234 5678', 'DE', '+80012345678'],
  ] as const)('%s in %s is %s', (dialled, country, number) => {
    expect(read(dialled, country)).toEqual({ kind: 'e164', number });
  });
});

describe('a number of each country', () => {
  it('is understood as dialled at home and abroad', () => {
    const wrong = getCountries().flatMap((country) => {
      const example = getExampleNumber(country, examples);
      if (example === undefined) return [];
      const readings = [
        read(example.formatNational(), country),
        read(example.formatInternational(), 'DE'),
      ];
      const right = readings.every((r) => r.kind === 'e164' && r.number === example.number);
      return right ? [] : [{ country, readings, number: example.number }];
    });
    expect(wrong).toEqual([]);
  });
});

describe('numbers that are refused', () => {
  it.each([
    ['', 484, 'The number is empty.'],
    [' - ', 484, 'The number is empty.'],
    ['030 12x', 404, 'The number contains the letter x, allowed are digits and +.'],
    ['0800-REIMANN', 404, 'The number contains the letter R, allowed are digits and +.'],
    ['030#1', 404, 'The number contains the character #, allowed are digits and +.'],
    ['030;ext=1', 404, 'The number contains the character ;, allowed are digits and +.'],
    [
      '03\u00001',
      404,
      'The number contains the character that cannot be shown, allowed are digits and +.',
    ],
    ['030+1234567', 404, 'The number 030+1234567 has a + inside; it belongs in front.'],
    ['12', 484, 'The number 12 is too short for a phone number and is no known short code.'],
    ['+49', 484, 'The number +49 is too short for a phone number and is no known short code.'],
    ['+999 1234567', 404, 'The number +9991234567 begins with no known country code.'],
    ['+4930123456789012', 404, 'The number +4930123456789012 is too long for its country.'],
    ['+49 0000000', 404, '+490000000 is no phone number and no known short code.'],
  ])('%j: %i %s', (dialled, sipStatus, sentence) => {
    expect(read(dialled)).toEqual({ kind: 'defect', sipStatus, sentence });
  });

  it('does not cut a long text into a number', () => {
    const padded = `+4930${' '.repeat(300)}1234567`;
    expect(read(padded)).toEqual({ kind: 'e164', number: '+49301234567' });
    expect(read(`030${'1'.repeat(5_000)}`)).toMatchObject({ kind: 'defect', sipStatus: 404 });
  });
});

describe('properties', () => {
  const country = fc.constantFrom<CountryCode>(
    'DE',
    'FR',
    'IT',
    'US',
    'GB',
    'RU',
    'BR',
    'AR',
    'CI',
  );
  const dialled = fc.string({
    unit: fc.constantFrom(...'01234567890123456789012345678901234567890+ -./()'.split('')),
    minLength: 3,
    maxLength: 20,
  });

  it('leaves a normalised number as it is, in any country', () => {
    let understood = 0;
    fc.assert(
      fc.property(dialled, country, country, (text, home, elsewhere) => {
        const first = read(text, home);
        if (first.kind !== 'e164') return;
        understood += 1;
        expect(read(first.number, elsewhere)).toEqual(first);
      }),
      { numRuns: 3_000 },
    );
    expect(understood).toBeGreaterThan(100);
  });

  it('yields a + and at most 15 digits, whatever the punctuation', () => {
    fc.assert(
      fc.property(dialled, country, (text, home) => {
        const result = read(text, home);
        if (result.kind === 'e164') expect(result.number).toMatch(/^\+[1-9]\d{3,14}$/);
        expect(read(text.split('').join(' '), home)).toEqual(result);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws and always says why, on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const result = read(text);
        if (result.kind === 'defect') expect(result.sentence).toMatch(/^\P{Cc}{5,120}$/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
