import type { Clock } from '../../kernel/clock.js';
import {
  otherLeg,
  type DigitFate,
  type DigitReport,
  type DigitToSend,
  type LegName,
} from '../media-engine.js';
import type { DigitEvent } from './digit-event.js';
import { eventCodeOf } from './digit-event.js';
import { PressPairs } from './press-pairs.js';

/** What plays digits to a leg. */
interface DigitPlayer {
  /** False when the leg is not told the digit in its media. */
  play(event: DigitEvent): boolean;
}

export interface DigitExchangeOptions {
  clock: Clock;
  playerOf(leg: LegName): DigitPlayer | undefined;
  /** Once per digit heard, when it ended; MUST NOT throw. */
  onDigit(report: DigitReport): void;
}

/** Of the digits that one leg tells. */
class ToldDigits {
  readonly pairs = new PressPairs();
  newestId = 0;
  newestIsRepeated = false;
}

/** The digits of a call between its two legs: each press goes to the other leg once, whichever ways it was told. */
export class DigitExchange {
  readonly #options: DigitExchangeOptions;
  readonly #told = { caller: new ToldDigits(), callee: new ToldDigits() };
  #lastId = 0;

  constructor(options: DigitExchangeOptions) {
    this.#options = options;
  }

  /** Ids grow over the whole call: the sender of a leg plays them in this order. */
  readonly nextId = (): number => (this.#lastId += 1);

  /** The start, an update or the end of a digit in the media of a leg. */
  heard(from: LegName, event: DigitEvent): void {
    const told = this.#told[from];
    if (event.id > told.newestId) {
      told.newestId = event.id;
      told.newestIsRepeated = told.pairs.isRepeated('media', event.digit, event.startedAt);
    }
    if (told.newestIsRepeated) return;
    const carried = this.#options.playerOf(otherLeg(from))?.play(event) ?? false;
    if (!event.ended) return;
    const { digit, durationMs } = event;
    this.#options.onDigit({ from, digit, durationMs, carried });
  }

  /** Whole digits that the other leg told in its signalling, in order. */
  send(to: LegName, digits: readonly DigitToSend[]): DigitFate[] {
    return digits.map((digit) => this.#sendOne(to, digit));
  }

  #sendOne(to: LegName, { digit, durationMs }: DigitToSend): DigitFate {
    if (eventCodeOf(digit) === undefined) return 'untaken';
    const startedAt = this.#options.clock.monotonic();
    const { pairs } = this.#told[otherLeg(to)];
    const name = digit.toUpperCase();
    if (pairs.isRepeated('signalling', name, startedAt)) return 'repeated';
    const event = { id: this.nextId(), digit: name, startedAt, durationMs, ended: true };
    return this.#options.playerOf(to)?.play(event) === true ? 'carried' : 'untaken';
  }
}
