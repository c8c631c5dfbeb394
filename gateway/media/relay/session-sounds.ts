import type { LegName, Sound } from '../media-engine.js';
import { openSound } from '../sounds/open-sound.js';
import type { SoundFiles } from '../sounds/sound-files.js';
import type { SoundSource } from '../sounds/sound-source.js';
import type { MediaLeg } from './media-leg.js';

export interface SessionSoundsOptions {
  files: SoundFiles;
  legOf: (name: LegName) => MediaLeg | undefined;
  /** A sound came to its end by itself. */
  onPlayed: (leg: LegName) => void;
}

/** The sounds of one call: at most one for each leg, which may come before the leg does. */
export class SessionSounds {
  readonly #options: SessionSoundsOptions;
  /** Grows with each order, so that a file that was read too late is not played. */
  readonly #orders = { caller: 0, callee: 0 };
  readonly #waiting: Partial<Record<LegName, SoundSource | undefined>> = {};

  constructor(options: SessionSoundsOptions) {
    this.#options = options;
  }

  /** @throws CopperlineError CL_MEDIA_SOUND_FILE */
  async play(to: LegName, sound: Sound): Promise<void> {
    const order = (this.#orders[to] += 1);
    const source = await openSound(sound, this.#options.files);
    if (order !== this.#orders[to]) return;
    const leg = this.#options.legOf(to);
    if (leg === undefined) this.#waiting[to] = source;
    else this.#start(leg, source);
  }

  stop(to: LegName): void {
    this.#orders[to] += 1;
    this.#waiting[to] = undefined;
    this.#options.legOf(to)?.sound.stop();
  }

  /** The call is over: nothing that is still being read is played. */
  close(): void {
    for (const leg of ['caller', 'callee'] as const) {
      this.#orders[leg] += 1;
      this.#waiting[leg] = undefined;
    }
  }

  /** A leg came into the call. */
  adopt(leg: MediaLeg): void {
    const source = this.#waiting[leg.name];
    this.#waiting[leg.name] = undefined;
    if (source !== undefined) this.#start(leg, source);
  }

  #start(leg: MediaLeg, source: SoundSource): void {
    leg.sound.start(source, () => {
      this.#options.onPlayed(leg.name);
    });
  }
}
