import { delay } from '../kernel/clock.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import type { LegName } from '../media/media-engine.js';
import type { Call } from './call.js';
import { parseDialString, type DialStep } from './dial-string.js';
import type { InfoDigit } from './dtmf-info.js';

const TONE_MS = 100;
/** Between the tones of a leg that is no trunk. */
const GAP_MS = 60;
/** Strings of one call that wait for the ones before. */
const MAX_WAITING = 8;

/** The digits that applications send to a call, string after string, with their pauses on the call's clock. They are in no log. */
export class DialStrings {
  readonly #call: Call;
  readonly #tell: (to: LegName, digit: InfoDigit) => Promise<number>;
  readonly #queue = new SerialQueue();

  /** @param tell sends one digit by the media or the signalling; never rejects */
  constructor(call: Call, tell: (to: LegName, digit: InfoDigit) => Promise<number>) {
    this.#call = call;
    this.#tell = tell;
    call.over.signal.addEventListener('abort', () => {
      this.#queue.close();
    });
  }

  /** False when the string cannot be read, or too many wait. */
  send(to: LegName, text: string): boolean {
    const steps = parseDialString(text);
    if (steps === undefined || this.#queue.length >= MAX_WAITING) return false;
    // The end of the call ends it; there is nothing else that could go wrong, and a reason might hold a digit.
    this.#call.inBackground(this.#queue.run(() => this.#play(to, steps)).catch(() => undefined));
    return true;
  }

  async #play(to: LegName, steps: readonly DialStep[]): Promise<void> {
    const { clock, over } = this.#call;
    const party = this.#call.partyOn(to);
    const trunk = party?.kind === 'trunk' ? party.trunk : undefined;
    const durationMs = Math.max(TONE_MS, trunk?.minToneMs ?? 0);
    const eachMs = durationMs + (trunk?.minGapMs ?? GAP_MS);
    for (const step of steps) {
      if (step.kind === 'pause') await delay(clock, step.ms, over.signal);
      else {
        for (const digit of step.digits) {
          await this.#tell(to, { digit, durationMs });
          await delay(clock, eachMs, over.signal);
        }
      }
    }
  }
}
