import type { Clock, Timer } from '../kernel/clock.js';

export interface LivenessOptions {
  clock: Clock;
  /** Silence after which the peer is asked, ms. */
  intervalMs: number;
  /** Time to answer, ms. */
  timeoutMs: number;
  ask(): void;
  /** No answer in time; at most once. */
  onDead(): void;
}

/** Asks a silent peer whether it is still there (RFC 6455 section 5.5.2). */
export class Liveness {
  readonly #options: LivenessOptions;
  #timer: Timer | undefined;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  /** Starts, and starts over: anything that the peer sends proves that it is there. */
  heard(): void {
    const { clock, intervalMs, timeoutMs } = this.#options;
    this.stop();
    this.#timer = clock.setTimer(() => {
      this.#timer = clock.setTimer(() => {
        this.#options.onDead();
      }, timeoutMs);
      this.#options.ask();
    }, intervalMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
