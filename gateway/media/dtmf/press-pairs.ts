import type { Digit } from './digit-event.js';

/** How a leg told a key press: in its media (RFC 4733, in-band), or in its signalling (SIP INFO). */
export type PressSource = 'media' | 'signalling';

interface Press {
  source: PressSource;
  digit: Digit;
  at: number;
}

/**
 * Some clients tell each press both ways, and an INFO may be seconds ahead of a queue of tones or behind a lost
 * packet. Nobody dials in turns by INFO and by tone.
 */
const WINDOW_MS = 2000;
/** More than any client dials ahead. */
const MAX_WAITING = 64;

/**
 * Finds the presses that a leg tells twice, in media and in signalling. Each press is paired with the oldest one of the
 * same digit that came the other way within 2 s; as long as pairs are found, the presses still alone stay as well, because
 * a queue of tones takes its time. The first of a pair counts, the second is the repetition.
 */
export class PressPairs {
  readonly #waiting: Press[] = [];
  #pairedAt = -Infinity;

  /** True when this press was told the other way already. Times are Clock.monotonic. */
  isRepeated(source: PressSource, digit: Digit, now: number): boolean {
    this.#forget(now);
    const index = this.#waiting.findIndex(
      (press) => press.source !== source && press.digit === digit,
    );
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      this.#pairedAt = now;
      return true;
    }
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ source, digit, at: now });
    return false;
  }

  #forget(now: number): void {
    if (now - this.#pairedAt <= WINDOW_MS) return;
    const fresh = this.#waiting.findIndex(({ at }) => now - at <= WINDOW_MS);
    this.#waiting.splice(0, fresh < 0 ? this.#waiting.length : fresh);
  }
}
