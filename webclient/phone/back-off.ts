export interface BackOffOptions {
  /** First delay before jitter. Default 1000 ms. */
  firstMs?: number;
  /** No delay is longer than this. Default 30 000 ms. */
  maximumMs?: number;
  /** A number in [0, 1). Default Math.random. */
  random?: () => number;
}

/**
 * Delays between attempts: doubling from `firstMs` to `maximumMs`, each spread over 50 to 100 % of its value so
 * that the browsers of one site do not all return in the same instant after the server restarts.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #maximumMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(options: BackOffOptions = {}) {
    this.#firstMs = options.firstMs ?? 1000;
    this.#maximumMs = options.maximumMs ?? 30_000;
    this.#random = options.random ?? Math.random;
  }

  /** The delay before the next attempt, in ms. */
  next(): number {
    const full = Math.min(this.#maximumMs, this.#firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(full * (0.5 + this.#random() / 2));
  }

  /** After a success: the next failure starts over at `firstMs`. */
  reset(): void {
    this.#attempts = 0;
  }
}
