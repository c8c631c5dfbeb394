import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration } from './duration.js';
import { cleanEntry, isDialable, isNumber, LONGEST_ENTRY } from './number-entry.js';

describe('cleanEntry', () => {
  it.each([
    ['+1 (202) 555-0143', '+12025550143'],
    [' 0049 30/123.456 ', '004930123456'],
    ['+49 (0)30 123456', '+4930123456'],
    ['+49 (30) 123–456', '+4930123456'],
    ['(+49) 30 123', '+4930123'],
    ['\u202a+49\u00a030\u00a0123\u202c', '+4930123'],
    ['＋４９ ３０ １２３', '+4930123'],
    ['tel:+4930123456', '+4930123456'],
    ['tel:+49-30-123456;ext=12', '+4930123456'],
    ['tel:%2B4930123', '+4930123'],
    ['callto://+4930123', '+4930123'],
    ['sip:600@copperline.local', '600'],
    ['"Echo" <sip:600@copperline.local;user=phone>', '600'],
    ['*21*5#', '*21*5#'],
    ['6+00', '600'],
    ['12ab', '12AB'],
    ['(030) 99', '03099'],
    ['+', '+'],
    ['', ''],
    ['  ', ''],
  ])('a number: %j becomes %j', (text, expected) => {
    expect(cleanEntry(text)).toBe(expected);
    expect(isNumber(expected)).toBe(true);
  });

  it.each([
    ['+49 30 123,,12 34#', '+4930123,,1234#'],
    ['600w1', '600w1'],
    ['600,12a', '600,12A'],
    ['800,', '800,'],
  ])('a dial string keeps its pauses: %j becomes %j', (text, expected) => {
    expect(cleanEntry(text)).toBe(expected);
    expect(isNumber(expected)).toBe(true);
  });

  it.each([
    ['bob', 'bob'],
    ['Abba', 'Abba'],
    ['walter', 'walter'],
    ['Anna  Müller ', 'Anna Müller '],
    ['sip:Bob.Smith@example.com', 'Bob.Smith'],
    ['bob@example.com', 'bob'],
    ['3 Musketeers', '3 Musketeers'],
  ])('a name stays: %j becomes %j', (text, expected) => {
    expect(cleanEntry(text)).toBe(expected);
    expect(isNumber(expected)).toBe(false);
  });

  it('changes nothing the second time, and is never longer than the field', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+\d ()/*#,wA-Da-d-]*$/)), (text) => {
        const once = cleanEntry(text);
        expect(Array.from(once).length).toBeLessThanOrEqual(LONGEST_ENTRY);
        if (isNumber(once)) expect(cleanEntry(once)).toBe(once);
      }),
    );
  });
});

it.each([
  ['600', true],
  ['*#', true],
  ['+', false],
  ['', false],
  ['bob.smith', true],
  ['Anna Müller', false],
])('%j can be called: %s', (entry, expected) => {
  expect(isDialable(entry)).toBe(expected);
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [7999, '0:07'],
    [754_000, '12:34'],
    [3_723_000, '1:02:03'],
    [-5, '0:00'],
  ])('%i ms is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });
});
