import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import { constantTimeEqual } from '../kernel/secret.js';

export type NonceVerdict =
  | 'fresh'
  /** Ours, but too old: challenge again with stale=true (RFC 7616 section 3.3). */
  | 'expired'
  /** Ours, but this nonce-count was used before: somebody repeats a request. */
  | 'replayed'
  /** Not made by this gateway since it started. */
  | 'foreign';

/**
 * Nonces without a table: `<time>.<random>.<HMAC>`. Only nonces that were used successfully are
 * remembered, with their highest nonce-count, until they expire.
 */
export class Nonces {
  readonly #key = randomBytes(32);
  readonly #highestCount = new Map<string, number>();
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  create(): string {
    const body = `${Math.floor(this.#clock.now()).toString(36)}.${randomBytes(9).toString('hex')}`;
    return `${body}.${this.#sign(body)}`;
  }

  /** `count` is the nc value (RFC 7616 section 3.4: eight hex digits). Changes nothing. */
  check(nonce: string, count: string | undefined): NonceVerdict {
    const [time = '', random = '', signature = '', ...rest] = nonce.split('.');
    if (rest.length > 0 || !constantTimeEqual(this.#sign(`${time}.${random}`), signature))
      return 'foreign';
    const age = this.#clock.now() - parseInt(time, 36);
    if (age > this.#lifetimeMs) return 'expired';
    if (count === undefined || !/^[0-9a-f]{8}$/i.test(count)) return 'replayed';
    return parseInt(count, 16) > (this.#highestCount.get(nonce) ?? 0) ? 'fresh' : 'replayed';
  }

  /** Marks the count as used; call it only after the response was right. */
  use(nonce: string, count: string): void {
    this.#forgetExpired();
    this.#highestCount.delete(nonce);
    this.#highestCount.set(nonce, parseInt(count, 16));
  }

  /** Nonces that are remembered. */
  get size(): number {
    return this.#highestCount.size;
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('hex').slice(0, 32);
  }

  /** The map is in order of use, so the nonces that can have expired are at its front, nearly. */
  #forgetExpired(): void {
    const oldest = this.#clock.now() - this.#lifetimeMs;
    for (const nonce of this.#highestCount.keys()) {
      if (parseInt(nonce.slice(0, nonce.indexOf('.')), 36) >= oldest) break;
      this.#highestCount.delete(nonce);
    }
  }
}
