import type { Clock, Timer } from '../../kernel/clock.js';

const FRAME_MS = 10;
/** What a process that was held up makes good at once; the rest of a longer pause is lost time. */
const MOST_AT_ONCE = 10;

/** Calls everybody who listens once for each 10 ms that have passed, however late its timer is. */
export class FrameClock {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #timer: Timer | undefined;
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the function that ends it. The clock stands still while nobody listens. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#next = this.#clock.monotonic() + FRAME_MS;
      this.#arm();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #arm(): void {
    const wait = Math.max(0, this.#next - this.#clock.monotonic());
    this.#timer = this.#clock.setTimer(this.#fire, wait);
  }

  readonly #fire = (): void => {
    const now = this.#clock.monotonic();
    if (now - this.#next > MOST_AT_ONCE * FRAME_MS) this.#next = now - MOST_AT_ONCE * FRAME_MS;
    while (this.#next <= now) {
      this.#next += FRAME_MS;
      for (const listener of this.#listeners) listener();
    }
    if (this.#listeners.size > 0) this.#arm();
  };
}
