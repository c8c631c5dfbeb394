import type { Clock } from '../../kernel/clock.js';

interface Entry<Value> {
  value: Promise<Value>;
  /** On the monotonic clock; Infinity while the answer is awaited. */
  until: number;
}

export interface Answer<Value> {
  value: Value;
  /** Undefined when the answer does not say. */
  ttlSeconds: number | undefined;
}

/** Records whose time to live is not told (node:dns tells that of addresses only). */
const DEFAULT_TTL_S = 60;
/** Also for names that have no such record. */
const MIN_TTL_S = 5;
const MAX_TTL_S = 3_600;
const MAX_ENTRIES = 2_000;

/**
 * DNS answers for as long as they hold, and questions that are under way: each is asked once. Bounded: the
 * question that was asked first is forgotten first.
 */
export class DnsCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @param ask must not reject, and give the same type for the same key */
  get<Value>(key: string, ask: () => Promise<Answer<Value>>): Promise<Value> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > this.#clock.monotonic())
      return known.value as Promise<Value>;
    const entry: Entry<Value> = { until: Infinity, value: Promise.resolve(undefined as Value) };
    entry.value = ask().then(({ value, ttlSeconds }) => {
      const seconds = Math.min(MAX_TTL_S, Math.max(MIN_TTL_S, ttlSeconds ?? DEFAULT_TTL_S));
      entry.until = this.#clock.monotonic() + seconds * 1000;
      return value;
    });
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#forgetOldest();
    return entry.value;
  }

  #forgetOldest(): void {
    if (this.#entries.size <= MAX_ENTRIES) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
