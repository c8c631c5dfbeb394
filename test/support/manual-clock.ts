import type { Clock, Timer } from '../../gateway/kernel/clock.js';

interface Entry {
  at: number;
  order: number;
  callback: () => void;
}

/**
 * A clock that stands still until a test moves it. Timers fire in order of their due time; a timer set
 * by a callback fires in the same advance() when it is due within it.
 */
export class ManualClock implements Clock {
  #time = 0;
  #order = 0;
  readonly #entries = new Set<Entry>();
  readonly #epoch: number;

  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#epoch + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const entry = { at: this.#time + Math.max(0, delayMs), order: this.#order++, callback };
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  /** Timers that wait: must be 0 at the end of a test. */
  get pending(): number {
    return this.#entries.size;
  }

  /** Moves on and fires what is due. Promise callbacks run only when the test awaits; see settle(). */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#time = next.at;
      this.#entries.delete(next);
      next.callback();
    }
    this.#time = end;
  }

  /** Like advance(), in steps, letting promise callbacks run between the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#time = next.at;
      this.#entries.delete(next);
      next.callback();
      await settle();
    }
    this.#time = end;
    await settle();
  }

  #next(end: number): Entry | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.at > end) continue;
      if (
        best === undefined ||
        entry.at < best.at ||
        (entry.at === best.at && entry.order < best.order)
      )
        best = entry;
    }
    return best;
  }
}

/** Lets promise callbacks and one round of I/O callbacks run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
