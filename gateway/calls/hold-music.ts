import { toCopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName, type Sound } from '../media/media-engine.js';
import type { Call } from './call.js';
import { holds } from './sdp-view.js';

const LEGS: readonly LegName[] = ['caller', 'callee'];

/**
 * What a leg hears while the browser of the other one is not there to be heard. On hold by a browser, which has no music of its own: the
 * file, or silence without one. A carrier that holds plays its own. While the browser is gone for a moment: the file, or comfort noise,
 * so that neither a person nor a carrier takes the call for dead.
 */
export class HoldMusic {
  readonly #call: Call;
  /** Absolute path of a WAV file. */
  readonly #file: string | undefined;
  readonly #playing = new Map<LegName, Sound['kind']>();
  /** Legs whose browser is gone, and that nothing comes from. */
  readonly #away = new Set<LegName>();
  #last: Promise<void> = Promise.resolve();

  constructor(call: Call, file: string | undefined) {
    this.#call = call;
    this.#file = file;
  }

  /** Starts and stops what the legs are to hear now. Never rejects: a call goes on without music. */
  update(): Promise<void> {
    this.#last = this.#last.then(async () => {
      for (const leg of LEGS) {
        const sound = this.#wanted(leg);
        if (sound?.kind !== this.#playing.get(leg)) await this.#set(leg, sound);
      }
    });
    return this.#last;
  }

  /** Whether the browser of that leg is gone, and its audio too. As update(). */
  setAway(leg: LegName, away: boolean): Promise<void> {
    if (away) this.#away.add(leg);
    else this.#away.delete(leg);
    return this.update();
  }

  /** After another sound was played to a leg. */
  async restore(leg: LegName): Promise<void> {
    this.#playing.delete(leg);
    await this.#call.media?.stopPlaying(leg).catch(() => undefined);
    await this.update();
  }

  #wanted(leg: LegName): Sound | undefined {
    const holder = otherLeg(leg);
    const sdp = this.#call.sdp[holder]?.remote;
    const isBrowser = this.#call.partyOn(holder)?.kind === 'browser';
    const held = isBrowser && sdp !== undefined && holds(sdp, 'browser');
    const away = this.#away.has(holder) && !this.#call.detached.has(leg);
    if (this.#file !== undefined && (held || away))
      return { kind: 'file', path: this.#file, repeat: true };
    return away && !held ? { kind: 'noise' } : undefined;
  }

  async #set(leg: LegName, sound: Sound | undefined): Promise<void> {
    const { media, log, isOver } = this.#call;
    if (isOver) return;
    try {
      if (sound === undefined) await media?.stopPlaying(leg);
      else await media?.play(leg, sound);
      if (sound === undefined) this.#playing.delete(leg);
      else this.#playing.set(leg, sound.kind);
    } catch (thrown) {
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      // Nobody has asked for noise.
      if (sound?.kind === 'noise') log.debug({ leg, code, sentence }, 'no comfort noise');
      else log.warn({ leg, code, sentence }, 'no hold music');
    }
  }
}
