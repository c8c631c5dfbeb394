import { watchAudioDevices } from './audio-devices.js';
import { failureOf, PhoneError, type Failure } from './failure.js';

/** The microphone of a call was unplugged: another one took over, or there is none, which may be plugged in later. */
export type MicrophoneChange =
  { name: 'replaced'; label: string } | { name: 'lost'; failure: Failure };

export interface MicrophoneKeeperOptions {
  /** What is sent now. */
  track: () => MediaStreamTrack | null | undefined;
  /** Opens whatever microphone there is and sends it. @throws PhoneError */
  replace: () => Promise<void>;
  onChange: (change: MicrophoneChange) => void;
}

/** Sees to it that a call has a microphone, as long as one is plugged in. */
export class MicrophoneKeeper {
  readonly #options: MicrophoneKeeperOptions;
  readonly #watched = new WeakSet<MediaStreamTrack>();
  #unwatch: (() => void) | undefined;
  readonly #over = new AbortController();

  constructor(options: MicrophoneKeeperOptions) {
    this.#options = options;
  }

  /** Looks after the track that is sent now. Do so again when it may be another one. */
  watch(): void {
    const track = this.#options.track();
    if (track === null || track === undefined || this.#watched.has(track)) return;
    this.#watched.add(track);
    // Unplugged, or the permission was taken back. Not told of a track that we stopped ourselves.
    track.addEventListener('ended', () => void this.#ended(track), { once: true });
    if (track.readyState === 'ended') void this.#ended(track);
  }

  close(): void {
    this.#over.abort();
    this.#unwatch?.();
  }

  /** Asked anew after each wait. */
  #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #ended(track: MediaStreamTrack): Promise<void> {
    if (this.#isOver() || this.#options.track() !== track) return;
    try {
      await this.#replace();
    } catch (thrown) {
      const failure = thrown instanceof PhoneError ? thrown.failure : failureOf('media-failed');
      if (this.#isOver()) return;
      this.#tell({ name: 'lost', failure });
      this.#unwatch ??= watchAudioDevices(() => {
        // Plugged out as well as in: the next attempt tells.
        void this.#replace().catch(() => undefined);
      });
    }
  }

  #tell(change: MicrophoneChange): void {
    if (!this.#isOver()) this.#options.onChange(change);
  }

  async #replace(): Promise<void> {
    if (this.#isOver()) return;
    await this.#options.replace();
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#tell({ name: 'replaced', label: this.#options.track()?.label ?? '' });
  }
}
