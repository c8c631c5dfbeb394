import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock, type Timer } from '../../gateway/kernel/clock.js';

interface Pending {
  callback: () => void;
  dueAt: number;
  real: Timer;
}

/** The machine's clock, which a test may push forward: what SIP would wait 32 s for happens at once. */
export class SkippingClock implements Clock {
  readonly #pending = new Set<Pending>();
  #skippedMs = 0;

  now(): number {
    return systemClock.now() + this.#skippedMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skippedMs;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const dueAt = this.monotonic() + delayMs;
    const pending: Pending = { callback, dueAt, real: this.#arm(() => pending, delayMs) };
    this.#pending.add(pending);
    return {
      cancel: () => {
        pending.real.cancel();
        this.#pending.delete(pending);
      },
    };
  }

  /** Lets so much time pass, timer by timer in their order, each with its consequences. */
  async skip(ms: number): Promise<void> {
    const end = this.monotonic() + ms;
    for (;;) {
      const [first] = [...this.#pending].sort((a, b) => a.dueAt - b.dueAt);
      if (first === undefined || first.dueAt > end) break;
      this.#moveTo(first.dueAt);
      this.#fire(first);
      await setImmediate();
    }
    this.#moveTo(end);
    for (const pending of this.#pending) {
      pending.real.cancel();
      pending.real = this.#arm(() => pending, pending.dueAt - this.monotonic());
    }
  }

  #arm(pending: () => Pending, delayMs: number): Timer {
    return systemClock.setTimer(
      () => {
        this.#fire(pending());
      },
      Math.max(0, delayMs),
    );
  }

  #fire(pending: Pending): void {
    pending.real.cancel();
    if (this.#pending.delete(pending)) pending.callback();
  }

  #moveTo(monotonic: number): void {
    this.#skippedMs += Math.max(0, monotonic - this.monotonic());
  }
}
