import { describe, expect, it } from 'vitest';
import { digitOf, DIGITS, eventCodeOf, FLASH } from './digit-event.js';

describe('digits and event codes', () => {
  it('maps the sixteen digits both ways (RFC 4733 table 3)', () => {
    expect(DIGITS).toHaveLength(16);
    for (const [code, digit] of Array.from(DIGITS).entries()) {
      expect(eventCodeOf(digit)).toBe(code);
      expect(digitOf(code)).toBe(digit);
    }
    expect([eventCodeOf('*'), eventCodeOf('#'), eventCodeOf('A')]).toEqual([10, 11, 12]);
  });

  it('knows flash as event 16, and not as a digit', () => {
    expect([digitOf(16), eventCodeOf('R'), eventCodeOf('r')]).toEqual([FLASH, 16, 16]);
    expect(DIGITS).not.toContain(FLASH);
  });

  it('takes lower case letters and refuses all else', () => {
    expect(eventCodeOf('d')).toBe(15);
    for (const text of ['', 'E', '12', ' ', 'ß']) expect(eventCodeOf(text)).toBeUndefined();
    for (const code of [17, 64, 255]) expect(digitOf(code)).toBeUndefined();
  });
});
