import type { Clock, Timer } from '../../kernel/clock.js';

/** The named timers of one transaction; once closed, none can be started again. */
export class TimerSet<Name extends string> {
  readonly #clock: Clock;
  readonly #timers = new Map<Name, Timer>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts the timer anew; nothing happens when the set is closed. */
  start(name: Name, delayMs: number, onFire: () => void): void {
    this.stop(name);
    if (this.#closed) return;
    const timer = this.#clock.setTimer(() => {
      this.#timers.delete(name);
      onFire();
    }, delayMs);
    this.#timers.set(name, timer);
  }

  /** Fires after `first`, then at intervals that double up to `longest`, until stopped. */
  startDoubling(
    name: Name,
    interval: { first: number; longest: number },
    onFire: () => void,
  ): void {
    this.start(name, interval.first, () => {
      const next = Math.min(interval.first * 2, interval.longest);
      this.startDoubling(name, { first: next, longest: interval.longest }, onFire);
      onFire();
    });
  }

  stop(name: Name): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  stopAll(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** A message may go out, come back and end the transaction before the sender has armed its timers. */
  close(): void {
    this.#closed = true;
    this.stopAll();
  }
}
