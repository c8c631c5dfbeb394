import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { LegName, LegQuality } from '../media-engine.js';
import { neverHeard, silenceOf } from './leg-silence.js';
import type { MediaLeg } from './media-leg.js';

export interface MediaWatchOptions {
  clock: Clock;
  timeoutMs: number;
  legs: () => MediaLeg[];
  onTimeout: (error: CopperlineError) => void;
  onQuality?: ((quality: Record<LegName, LegQuality>) => void) | undefined;
}

/** RFC 3550 section 6.2: five seconds, varied by half so that the reports of many calls do not meet. */
const REPORT_INTERVAL_MS = 5000;
const TICK_MS = 1000;
const QUALITY_INTERVAL_MS = 5000;
const UNKNOWN: LegQuality = {
  received: undefined,
  sent: undefined,
  roundTripMs: undefined,
  problem: undefined,
};
/**
 * A carrier that rings by itself may answer early and send nothing until it is picked up: a leg that
 * never sent a packet gets this many times the timeout.
 */
const FIRST_PACKET_FACTOR = 4;

/** The slow clockwork of a session: RTCP reports, and the end of a call whose media stopped. */
export class MediaWatch {
  readonly #options: MediaWatchOptions;
  readonly #tickMs: number;
  #timer: Timer | undefined;
  /** Since when a leg has been expected to send; a hold starts it anew. */
  readonly #expectedSince = new Map<MediaLeg, number>();
  #nextReportAt = 0;
  #nextQualityAt = 0;

  constructor(options: MediaWatchOptions) {
    this.#options = options;
    this.#tickMs = Math.min(TICK_MS, Math.max(50, options.timeoutMs / 4));
  }

  /** Called with each answer; the time until a first packet counts from the last one. */
  start(): void {
    this.#expectedSince.clear();
    if (this.#timer !== undefined) return;
    this.#scheduleReport();
    this.#nextQualityAt = this.#options.clock.monotonic() + QUALITY_INTERVAL_MS;
    this.#arm();
  }

  /** What is wrong with a leg that should send, in a sentence. */
  problemOf(leg: MediaLeg): string | undefined {
    const since = this.#expectedSince.get(leg);
    if (since === undefined || !leg.expectsMedia) return undefined;
    return silenceOf(leg, { since, now: this.#options.clock.monotonic() });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#options.clock.setTimer(this.#tick, this.#tickMs);
  }

  readonly #tick = (): void => {
    const now = this.#options.clock.monotonic();
    const legs = this.#options.legs();
    this.#arm();
    if (now >= this.#nextReportAt) {
      for (const leg of legs) leg.sendReport();
      this.#scheduleReport();
    }
    if (now >= this.#nextQualityAt) this.#tellQuality(legs, now);
    for (const leg of legs) this.#check(leg, now);
  };

  #scheduleReport(): void {
    const varied = REPORT_INTERVAL_MS * (0.5 + Math.random());
    this.#nextReportAt = this.#options.clock.monotonic() + varied;
  }

  #tellQuality(legs: readonly MediaLeg[], now: number): void {
    this.#nextQualityAt = now + QUALITY_INTERVAL_MS;
    const { onQuality } = this.#options;
    if (onQuality === undefined) return;
    const quality = { caller: UNKNOWN, callee: UNKNOWN };
    for (const leg of legs)
      quality[leg.name] = { ...leg.quality.interval(), problem: this.problemOf(leg) };
    onQuality(quality);
  }

  #check(leg: MediaLeg, now: number): void {
    if (!leg.expectsMedia) {
      this.#expectedSince.delete(leg);
      return;
    }
    const since = this.#expectedSince.get(leg) ?? now;
    this.#expectedSince.set(leg, since);
    const { timeoutMs } = this.#options;
    const limitMs = leg.heardAt === undefined ? timeoutMs * FIRST_PACKET_FACTOR : timeoutMs;
    if (now - Math.max(since, leg.heardAt ?? 0) < limitMs) return;
    // Whoever keeps the session all the same hears of it again after as long.
    this.#expectedSince.set(leg, now);
    const seconds = Math.round(limitMs / 100) / 10;
    const why = leg.heardAt === undefined ? ` ${neverHeard(leg)}` : '';
    this.#options.onTimeout(
      new CopperlineError('CL_MEDIA_TIMEOUT', {
        sentence: `No media came from the ${leg.name} for ${seconds} s.${why}`,
      }),
    );
  }
}
