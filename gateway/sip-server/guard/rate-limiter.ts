import type { Clock } from '../../kernel/clock.js';
import { BoundedMap } from './bounded-map.js';
import type { GuardOptions } from './guard-options.js';

interface Bucket {
  tokens: number;
  /** When the tokens were last counted (monotonic ms). */
  at: number;
  excess: number;
}

/** Sources that are remembered; a flood from more addresses than that is another defence's matter. */
const MAX_SOURCES = 20_000;

/** A token bucket per source, and a ban for those that do not stop. No timers: time is read when a request comes. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #options: GuardOptions;
  readonly #buckets = new BoundedMap<Bucket>(MAX_SOURCES);
  readonly #bans = new BoundedMap<number>(MAX_SOURCES);

  constructor(clock: Clock, options: GuardOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  banned(source: string): boolean {
    const until = this.#bans.get(source);
    if (until === undefined) return false;
    if (until > this.#clock.monotonic()) return true;
    this.#bans.delete(source);
    return false;
  }

  ban(source: string): void {
    this.#bans.set(source, this.#clock.monotonic() + this.#options.banSeconds * 1000);
  }

  /** Takes a token; `ban` when the source has just been banned. */
  take(source: string): 'pass' | 'drop' | 'ban' {
    const bucket = this.#bucket(source);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 'pass';
    }
    bucket.excess += 1;
    if (bucket.excess < this.#options.excessBeforeBan) return 'drop';
    this.#buckets.delete(source);
    this.ban(source);
    return 'ban';
  }

  #bucket(source: string): Bucket {
    const { requestsPerSecond, burst } = this.#options;
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(source);
    if (known === undefined) {
      const fresh = { tokens: burst, at: now, excess: 0 };
      this.#buckets.set(source, fresh);
      return fresh;
    }
    known.tokens = Math.min(burst, known.tokens + ((now - known.at) * requestsPerSecond) / 1000);
    known.at = now;
    // A source that has kept to its rate for so long that its bucket is full starts afresh.
    if (known.tokens >= burst) known.excess = 0;
    return known;
  }
}
