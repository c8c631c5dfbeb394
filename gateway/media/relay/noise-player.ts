import type { CodecName } from '../media-engine.js';
import { NoiseSource } from '../sounds/noise-source.js';
import { SoundPlayer, type SoundPlayerOptions } from './sound-player.js';

/** Plays comfort noise to a leg for as long as the other leg's silence lasts. */
export class NoisePlayer {
  readonly #player: SoundPlayer;
  #source: NoiseSource | undefined;

  constructor(options: SoundPlayerOptions) {
    this.#player = new SoundPlayer(options);
  }

  /** In what the leg takes audio from now on. */
  agree(codec: CodecName, ptimeMs: number): void {
    this.#player.agree(codec, ptimeMs);
  }

  /** @param levelDb as in NoiseSource; noise that plays goes on with it */
  play(levelDb: number): void {
    if (this.#source !== undefined) {
      this.#source.levelDb = levelDb;
      return;
    }
    this.#source = new NoiseSource(levelDb);
    this.#player.start(this.#source, () => undefined);
  }

  /** Audio goes on. Idempotent, and cheap when nothing plays. */
  stop(): void {
    if (this.#source === undefined) return;
    this.#source = undefined;
    this.#player.close();
  }
}
