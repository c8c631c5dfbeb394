import type { Clock } from '../kernel/clock.js';

export interface FailureLimits {
  /** Failures of one source within the window that block it. */
  maxFailures: number;
  windowMs: number;
  blockMs: number;
}

interface Record {
  failures: number;
  windowEndsAt: number;
  blockedUntil: number;
}

/** More sources than this are not remembered; the oldest goes first. */
const MAX_SOURCES = 10_000;

/** Counts failures per source address and blocks a source for a while after too many. */
export class FailureLimiter {
  readonly #records = new Map<string, Record>();
  readonly #clock: Clock;
  readonly #limits: FailureLimits;

  constructor(clock: Clock, limits: FailureLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Milliseconds that the source stays blocked; 0 when it is not. */
  blockedForMs(source: string): number {
    const record = this.#records.get(source);
    return record === undefined ? 0 : Math.max(0, record.blockedUntil - this.#clock.monotonic());
  }

  fail(source: string): void {
    const now = this.#clock.monotonic();
    const known = this.#records.get(source);
    const record =
      known === undefined || now >= known.windowEndsAt
        ? { failures: 0, windowEndsAt: now + this.#limits.windowMs, blockedUntil: 0 }
        : known;
    record.failures++;
    if (record.failures >= this.#limits.maxFailures) {
      record.blockedUntil = now + this.#limits.blockMs;
      record.windowEndsAt = record.blockedUntil;
    }
    this.#records.delete(source);
    this.#records.set(source, record);
    if (this.#records.size > MAX_SOURCES) this.#forgetOldest();
  }

  succeed(source: string): void {
    this.#records.delete(source);
  }

  #forgetOldest(): void {
    for (const source of this.#records.keys()) {
      this.#records.delete(source);
      return;
    }
  }
}
