/**
 * One key press on its way through the gateway, whatever transport it came by. Digits are secrets
 * (PINs, card numbers): they never appear in an error, a log line, a metric label or a trace.
 */

/** The sixteen DTMF digits in the order of their RFC 4733 event codes 0 to 15 (section 3.2, table 3). */
export const DIGITS = '0123456789*#ABCD';

/**
 * The hook flash, as JsSIP writes it: not a digit but a key like them. 16 was Flash in RFC 2833 and is reserved since RFC 4733;
 * PBXs still send and take it.
 */
export const FLASH = 'R';
export const FLASH_EVENT = 16;

/** `0`-`9`, `*`, `#`, `A`-`D`, or FLASH. */
export type Digit = string;

/**
 * A state of a key press. A digit is told as one event or as a series with the same id: first heard,
 * updates with a growing duration, and exactly one last event with `ended`.
 */
export interface DigitEvent {
  /** Grows with each digit of one source; all events of one digit carry the same id. */
  id: number;
  digit: Digit;
  /** Monotonic ms (Clock.monotonic) at which the digit was first heard. */
  startedAt: number;
  /** While it lasts: the least time the key was held so far, ms. Once `ended`: its whole length. */
  durationMs: number;
  ended: boolean;
}

/** The RFC 4733 event code of a digit or of FLASH, lower case letters included; undefined for anything else. */
export function eventCodeOf(digit: string): number | undefined {
  if (digit.length !== 1) return undefined;
  const name = digit.toUpperCase();
  if (name === FLASH) return FLASH_EVENT;
  const code = DIGITS.indexOf(name);
  return code < 0 ? undefined : code;
}

/** The digit of an event code 0 to 15, FLASH of 16; undefined for every other telephone-event. */
export function digitOf(eventCode: number): Digit | undefined {
  if (eventCode === FLASH_EVENT) return FLASH;
  return eventCode < DIGITS.length ? DIGITS[eventCode] : undefined;
}
