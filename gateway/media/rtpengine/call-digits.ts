import type { Clock } from '../../kernel/clock.js';
import { toCopperlineError } from '../../kernel/errors.js';
import { eventCodeOf, FLASH, type Digit } from '../dtmf/digit-event.js';
import { PressPairs } from '../dtmf/press-pairs.js';
import {
  otherLeg,
  type DigitFate,
  type DigitReport,
  type DigitToSend,
  type LegName,
  type LegPolicy,
} from '../media-engine.js';
import type { BencodeDictionary } from './bencode.js';

export interface CallDigitsOptions {
  clock: Clock;
  /** `play DTMF` of the ng protocol. @param from who presses the key, as rtpengine sees it, not who hears it */
  play(from: LegName, fields: BencodeDictionary): Promise<unknown>;
}

interface Pressed {
  leg: LegName;
  digit: string;
  durationMs: number;
}

/** How a leg is told digits in its media; undefined when it is not. */
type Way = 'events' | 'tones' | undefined;

/** What offer and answer settled for a leg. */
interface AgreedDigits {
  /** As events, under the number that it was offered. */
  takesEvents: boolean;
  /** The daemon can put digits into its audio. */
  canPlay: boolean;
}

/** Of rtpengine's `play DTMF`, ms. */
const SHORTEST_MS = 100;
const LONGEST_MS = 5000;

/** The digits of a call on a daemon, which passes on by itself what a leg tells in its media. */
export class CallDigits {
  readonly heardOf: Record<LegName, number> = { caller: 0, callee: 0 };
  readonly playedTo: Record<LegName, number> = { caller: 0, callee: 0 };
  readonly droppedFor: Record<LegName, number> = { caller: 0, callee: 0 };
  readonly #options: CallDigitsOptions;
  readonly #pairs = { caller: new PressPairs(), callee: new PressPairs() };
  readonly #ways: Record<LegName, Way> = { caller: undefined, callee: undefined };
  readonly #canPlay: Record<LegName, boolean> = { caller: false, callee: false };
  readonly #policies: Partial<Record<LegName, LegPolicy>> = {};

  constructor(options: CallDigitsOptions) {
    this.#options = options;
  }

  agree(leg: LegName, policy: LegPolicy, { takesEvents, canPlay }: AgreedDigits): void {
    const { dtmf } = policy;
    this.#canPlay[leg] = canPlay;
    this.#policies[leg] = policy;
    this.#ways[leg] = takesEvents ? 'events' : undefined;
    if (dtmf === 'inband') this.#ways[leg] = 'tones';
    if (dtmf === 'info') this.#ways[leg] = undefined;
  }

  /** A digit that the daemon heard; undefined when the leg told it in its signalling. */
  heard({ leg, digit, durationMs }: Pressed): DigitReport | undefined {
    // What was put in for the leg's signalling is heard by the daemon as well.
    if (this.#pairs[leg].isRepeated('media', digit, this.#now)) return undefined;
    this.heardOf[leg] += 1;
    const to = otherLeg(leg);
    const way = this.#ways[to];
    // Flash has no tone, and the daemon passes events on whatever the leg lists.
    const carried = way === 'events' || (way === 'tones' && digit !== FLASH);
    if (carried) this.playedTo[to] += 1;
    else this.#drop(to);
    return { from: leg, digit, durationMs, carried };
  }

  /** Whole digits that the other leg told in its signalling, in order. */
  async send(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]> {
    const fates: DigitFate[] = [];
    for (const digit of digits) fates.push(await this.#sendOne(to, digit));
    return fates;
  }

  async #sendOne(to: LegName, { digit, durationMs }: DigitToSend): Promise<DigitFate> {
    const name: Digit = digit.toUpperCase();
    if (eventCodeOf(name) === undefined) return 'untaken';
    const from = otherLeg(to);
    if (this.#pairs[from].isRepeated('signalling', name, this.#now)) return 'repeated';
    const able = this.#ways[to] !== undefined && this.#canPlay[to] && name !== FLASH;
    if (!able || !(await this.#play(to, { digit: name, durationMs }))) {
      this.#drop(to);
      return 'untaken';
    }
    this.playedTo[to] += 1;
    return 'carried';
  }

  /** False when the daemon refuses, as it does while the other leg has sent no packet yet. */
  async #play(to: LegName, { digit, durationMs }: DigitToSend): Promise<boolean> {
    const { minToneMs = 0, minGapMs = 0 } = this.#policies[to] ?? {};
    try {
      await this.#options.play(otherLeg(to), {
        code: digit,
        duration: limited(Math.max(durationMs, minToneMs)),
        pause: limited(minGapMs),
      });
      return true;
    } catch (error) {
      if (toCopperlineError(error, 'CL_INTERNAL').code === 'CL_MEDIA_RTPENGINE_REFUSED')
        return false;
      throw error;
    }
  }

  #drop(leg: LegName): void {
    const dtmf = this.#policies[leg]?.dtmf;
    if (dtmf !== 'info' && dtmf !== 'auto') this.droppedFor[leg] += 1;
  }

  get #now(): number {
    return this.#options.clock.monotonic();
  }
}

function limited(ms: number): number {
  return Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms)));
}
