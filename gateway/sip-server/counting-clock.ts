import type { Clock, Timer } from '../kernel/clock.js';

/** A clock that knows how many of its timers wait, so that a leak can be seen. */
export class CountingClock implements Clock {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    let waiting = true;
    this.#pending += 1;
    const settle = (): boolean => {
      if (!waiting) return false;
      waiting = false;
      this.#pending -= 1;
      return true;
    };
    const timer = this.#clock.setTimer(() => {
      if (settle()) callback();
    }, delayMs);
    return {
      cancel: () => {
        if (settle()) timer.cancel();
      },
    };
  }
}
