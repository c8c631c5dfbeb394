import type { Clock } from '../../kernel/clock.js';
import { TokenBucket } from '../token-bucket.js';

/** A visitor clicks a few times; nobody needs more than this. */
const RATE = { perSecond: 1, burst: 20 };
/** More addresses at once than this push the oldest out, so that a flood fills no memory. */
const MAX_ADDRESSES = 10_000;

/** How fast each address may ask. */
export class AddressRates {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False when the address asks too fast. */
  take(address: string): boolean {
    let bucket = this.#buckets.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#clock, RATE);
      const oldest = this.#buckets.keys().next();
      if (this.#buckets.size >= MAX_ADDRESSES && oldest.done !== true)
        this.#buckets.delete(oldest.value);
    } else this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    return bucket.take();
  }
}
