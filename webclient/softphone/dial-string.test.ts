import { describe, expect, it } from 'vitest';
import { cleanNumber } from './dial-string.js';
import { formatDuration } from './duration.js';

describe('cleanNumber', () => {
  it.each([
    ['+1 (202) 555-0143', '+12025550143'],
    [' 0049 30/123.456 ', '004930123456'],
    ['+49 (0)30 123456', '+4930123456'],
    ['tel:+4930123456', '+4930123456'],
    ['sip:600@copperline.local', '600'],
    ['*21*5#', '*21*5#'],
    ['6+00', '600'],
    ['12ab', '12AB'],
    ['(030) 99', '03099'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanNumber(text)).toBe(expected);
  });
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
