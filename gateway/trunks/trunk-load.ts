import type { Clock } from '../kernel/clock.js';
import type { TrunkLimits } from './trunk.js';

/** How many calls a trunk carries, and how fast new ones come. */
export class TrunkLoad {
  readonly #limits: TrunkLimits;
  readonly #clock: Clock;
  #calls = 0;
  /** Calls that may start now; grows with time, up to one second's worth. */
  #tokens: number;
  #filledAt: number;

  constructor(limits: TrunkLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#tokens = limits.callsPerSecond;
    this.#filledAt = clock.monotonic();
  }

  get calls(): number {
    return this.#calls;
  }

  /** The function gives the channel back, once; a string is what to say after the name of the trunk. */
  take(): (() => void) | string {
    const { maxCalls, callsPerSecond } = this.#limits;
    if (maxCalls > 0 && this.#calls >= maxCalls)
      return `carries ${this.#calls} calls, as many as it may (limits.maxCalls ${maxCalls})`;
    if (callsPerSecond > 0 && !this.#takeToken(callsPerSecond))
      return `was given ${callsPerSecond} calls within a second, as many as it may (limits.callsPerSecond)`;
    return this.takeAnyway();
  }

  /** Counts the call, but asks no limit. */
  takeAnyway(): () => void {
    this.#calls += 1;
    let taken = true;
    return () => {
      if (taken) this.#calls -= 1;
      taken = false;
    };
  }

  #takeToken(perSecond: number): boolean {
    const now = this.#clock.monotonic();
    const grown = this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond;
    this.#tokens = Math.min(perSecond, grown);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
