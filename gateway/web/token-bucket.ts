import type { Clock } from '../kernel/clock.js';

/** A rate limit: `perSecond` sustained, up to `burst` at once. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: { perSecond: number; burst: number }) {
    this.#clock = clock;
    this.#perMs = rate.perSecond / 1_000;
    this.#burst = rate.burst;
    this.#tokens = rate.burst;
    this.#filledAt = clock.monotonic();
  }

  /** False when the rate is exceeded; then nothing is taken. */
  take(): boolean {
    const now = this.#clock.monotonic();
    const refill = (now - this.#filledAt) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + refill);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
