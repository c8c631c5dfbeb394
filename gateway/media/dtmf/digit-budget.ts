/** Twice what a sender can do that keeps tone and pause to 40 ms and 30 ms (W3C insertDTMF, ITU-T Q.24). */
const DIGITS_PER_SECOND = 28;
/** What a network may hold back and deliver at once: three seconds of the fastest dialling. */
const BURST = 42;

/**
 * How many digits a peer may begin. Each digit becomes a report, a message to the browser and a tone; a
 * peer that begins one with every packet must not multiply itself through us.
 */
export class DigitBudget {
  #left = BURST;
  #at = -Infinity;

  /** True when one more digit may begin at `now` (monotonic ms), which it then has. */
  take(now: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) * DIGITS_PER_SECOND) / 1000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
