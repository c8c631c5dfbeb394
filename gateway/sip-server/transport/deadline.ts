import type { Clock, Timer } from '../../kernel/clock.js';

/** One moving deadline. Moving it later costs nothing: the timer looks again when it fires. */
export class Deadline {
  readonly #clock: Clock;
  readonly #onExpired: () => void;
  #timer: Timer | undefined;
  #firesAt = 0;
  #due = 0;

  constructor(clock: Clock, onExpired: () => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Replaces the deadline by one `ms` from now. */
  set(ms: number): void {
    this.#due = this.#clock.monotonic() + ms;
    if (this.#timer !== undefined && this.#firesAt <= this.#due) return;
    this.#timer?.cancel();
    this.#arm(ms);
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#firesAt = this.#clock.monotonic() + ms;
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      const left = this.#due - this.#clock.monotonic();
      // Timers may fire a fraction of a millisecond early.
      if (left > 1) this.#arm(left);
      else this.#onExpired();
    }, ms);
  }
}
