/**
 * One key press on its way through the gateway, whatever transport it came by. Digits are secrets
 * (PINs, card numbers): they never appear in an error, a log line, a metric label or a trace.
 */

/** The sixteen DTMF digits in the order of their RFC 4733 event codes 0 to 15 (section 3.2, table 3). */
export const DIGITS = '0123456789*#ABCD';

/** `0`-`9`, `*`, `#`, `A`-`D`. */
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

/** The RFC 4733 event code of a digit, lower case letters included; undefined for anything else. */
export function eventCodeOf(digit: string): number | undefined {
  if (digit.length !== 1) return undefined;
  const code = DIGITS.indexOf(digit.toUpperCase());
  return code < 0 ? undefined : code;
}

/** The digit of an event code 0 to 15; undefined for flash (16) and every other telephone-event. */
export function digitOf(eventCode: number): Digit | undefined {
  return eventCode < DIGITS.length ? DIGITS[eventCode] : undefined;
}
