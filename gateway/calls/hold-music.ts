import { toCopperlineError } from '../kernel/errors.js';
import { otherLeg, type LegName } from '../media/media-engine.js';
import type { Call } from './call.js';
import { holds } from './sdp-view.js';

const LEGS: readonly LegName[] = ['caller', 'callee'];

/**
 * Music for whoever a browser has put on hold: browsers have none of their own. A carrier that holds plays its own. Without a file
 * the held party hears silence.
 */
export class HoldMusic {
  readonly #call: Call;
  /** Absolute path of a WAV file. */
  readonly #file: string | undefined;
  readonly #playing = new Set<LegName>();

  constructor(call: Call, file: string | undefined) {
    this.#call = call;
    this.#file = file;
  }

  /** Starts and stops what the SDP of the two legs asks for now. Never rejects: a call goes on without music. */
  async update(): Promise<void> {
    if (this.#file === undefined) return;
    for (const leg of LEGS) {
      const holder = otherLeg(leg);
      const sdp = this.#call.sdp[holder]?.remote;
      const held =
        this.#call.partyOn(holder)?.kind === 'browser' &&
        sdp !== undefined &&
        holds(sdp, 'browser');
      if (held !== this.#playing.has(leg)) await this.#set(leg, held, this.#file);
    }
  }

  /** After another sound was played to a leg. */
  async restore(leg: LegName): Promise<void> {
    this.#playing.delete(leg);
    await this.#call.media?.stopPlaying(leg).catch(() => undefined);
    await this.update();
  }

  async #set(leg: LegName, held: boolean, path: string): Promise<void> {
    const { media, log } = this.#call;
    try {
      if (held) await media?.play(leg, { kind: 'file', path, repeat: true });
      else await media?.stopPlaying(leg);
      if (held) this.#playing.add(leg);
      else this.#playing.delete(leg);
    } catch (thrown) {
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      log.warn({ leg, code, sentence }, 'no hold music');
    }
  }
}
