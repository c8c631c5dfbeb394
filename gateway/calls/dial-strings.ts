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
/** A prompt that does not come is not waited for any longer. */
const PROMPT_MS = 10_000;
/** In place of a prompt where nothing can hear it. */
const DEAF_MS = 1_000;

/** The digits that applications send to a call, string after string, with their pauses on the call's clock. They are in no log. */
export class DialStrings {
  readonly #call: Call;
  readonly #tell: (to: LegName, digit: InfoDigit) => Promise<number>;
  readonly #queue = new SerialQueue();
  /** The leg whose prompt is waited for. */
  #awaited: { leg: LegName; heard: AbortController } | undefined;

  /** @param tell sends one digit by the media or the signalling; never rejects */
  constructor(call: Call, tell: (to: LegName, digit: InfoDigit) => Promise<number>) {
    this.#call = call;
    this.#tell = tell;
    call.over.signal.addEventListener('abort', () => {
      this.#queue.close();
    });
  }

  /**
   * False when the string cannot be read, or too many wait.
   * @param answered as in parseDialString()
   */
  send(to: LegName, text: string, { answered }: { answered: boolean }): boolean {
    const steps = parseDialString(text, answered);
    if (steps === undefined || this.#queue.length >= MAX_WAITING) return false;
    // The end of the call ends it; there is nothing else that could go wrong, and a reason might hold a digit.
    this.#call.inBackground(this.#queue.run(() => this.#play(to, steps)).catch(() => undefined));
    return true;
  }

  /** A leg has beeped, or gives a dial tone. */
  onPrompt(from: LegName): void {
    if (this.#awaited?.leg === from) this.#awaited.heard.abort();
  }

  async #play(to: LegName, steps: readonly DialStep[]): Promise<void> {
    const { clock, over } = this.#call;
    const party = this.#call.partyOn(to);
    const trunk = party?.kind === 'trunk' ? party.trunk : undefined;
    const durationMs = Math.max(TONE_MS, trunk?.minToneMs ?? 0);
    const eachMs = durationMs + (trunk?.minGapMs ?? GAP_MS);
    for (const step of steps) {
      if (step.kind === 'pause') await delay(clock, step.ms, over.signal);
      else if (step.kind === 'prompt') await this.#prompt(to);
      else {
        for (const digit of step.digits) {
          await this.#tell(to, { digit, durationMs });
          await delay(clock, eachMs, over.signal);
        }
      }
    }
  }

  /** Waits until the leg says its prompt; not for ever. @throws the reason of the end of the call */
  async #prompt(leg: LegName): Promise<void> {
    const { clock, over, log } = this.#call;
    const heard = new AbortController();
    this.#awaited = { leg, heard };
    try {
      const listens = await this.#listen(leg);
      const waitMs = listens ? PROMPT_MS : DEAF_MS;
      await delay(clock, waitMs, AbortSignal.any([over.signal, heard.signal]));
      log.info({ leg, waitMs, listens }, 'no prompt was heard; the digits are sent all the same');
    } catch (thrown) {
      if (!heard.signal.aborted || over.signal.aborted) throw thrown;
    } finally {
      this.#awaited = undefined;
    }
  }

  async #listen(leg: LegName): Promise<boolean> {
    const { media } = this.#call;
    if (media?.listenForPrompt === undefined) return false;
    return media.listenForPrompt(leg, PROMPT_MS).then(
      () => true,
      () => false,
    );
  }
}
