import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { Site } from './site.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Issue {
  /** Monotonic ms. */
  at: number;
  address: string;
}

/** A place among the calls of a site; given back once. */
export interface CallSlot {
  /** Idempotent. */
  release: () => void;
}

/** How often a site is called. Its memory is bounded by the quota per day. */
export class SiteQuota {
  readonly #site: Site;
  readonly #clock: Clock;
  /** Of the last 24 hours, oldest first. */
  #issues: Issue[] = [];
  #present = 0;

  constructor(site: Site, clock: Clock) {
    this.#site = site;
    this.#clock = clock;
  }

  /** Calls that are up or may begin. */
  get present(): number {
    return this.#present;
  }

  /**
   * Takes a place for one call; the visitor's address counts from here on, whether the call comes about or not.
   * @throws CopperlineError CL_WIDGET_QUOTA
   */
  take(address: string): CallSlot {
    const now = this.#clock.monotonic();
    const firstOfToday = this.#issues.findIndex(({ at }) => now - at < DAY_MS);
    this.#issues = firstOfToday === -1 ? [] : this.#issues.slice(firstOfToday);
    const sentence = this.#exceeded(address, now);
    if (sentence !== undefined) throw new CopperlineError('CL_WIDGET_QUOTA', { sentence });
    this.#issues.push({ at: now, address });
    this.#present += 1;
    let held = true;
    return {
      release: () => {
        if (held) this.#present -= 1;
        held = false;
      },
    };
  }

  #exceeded(address: string, now: number): string | undefined {
    const { callsAtATime, perAddressPerHour, perDay } = this.#site.quotas;
    if (this.#present >= callsAtATime)
      return `The site has ${this.#present} calls, as many as it may have at a time.`;
    if (this.#issues.length >= perDay)
      return `The site had ${perDay} calls within a day, as many as it may have.`;
    const own = this.#issues.filter((issue) => issue.address === address);
    const recent = own.filter(({ at }) => now - at < HOUR_MS).length;
    return recent >= perAddressPerHour
      ? `There were ${recent} calls from your network within an hour, as many as there may be.`
      : undefined;
  }
}
