/** Plays the other side and measures how loud it is. */
export class RemotePlayer {
  readonly #element = document.createElement('audio');
  readonly #onBlocked: () => void;
  #context: AudioContext | undefined;
  #analyser: AnalyserNode | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #samples = new Float32Array(512);

  /** `onBlocked` is called when the autoplay policy forbids sound; the next click lifts that. */
  constructor(onBlocked: () => void) {
    this.#onBlocked = onBlocked;
    this.#element.autoplay = true;
  }

  /** Plays on that device from now on; empty: the system's own. Where it cannot, nothing changes. */
  async useSpeaker(device: string): Promise<void> {
    const able: Partial<Pick<HTMLAudioElement, 'setSinkId'>> = this.#element;
    await able.setSinkId?.(device).catch(() => undefined);
  }

  play(stream: MediaStream): void {
    if (this.#element.srcObject === stream) return;
    this.stop();
    this.#element.srcObject = stream;
    this.#context ??= new AudioContext();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: 512 });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
    this.#start();
  }

  stop(): void {
    this.#source?.disconnect();
    this.#source = undefined;
    this.#element.srcObject = null;
    // A running context keeps the audio hardware awake.
    if (this.#context?.state === 'running') void this.#context.suspend();
  }

  /** Loudness now, 0 (silence) to 1 (full scale), on a scale of decibels from -50 to 0. */
  level(): number {
    if (this.#analyser === undefined || this.#source === undefined) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / this.#samples.length + 1e-9);
    return Math.min(1, Math.max(0, 1 + decibels / 50));
  }

  #start(): void {
    void this.#context?.resume();
    this.#element.play().catch((thrown: unknown) => {
      if (!(thrown instanceof DOMException) || thrown.name !== 'NotAllowedError') return;
      this.#onBlocked();
      const retry = (): void => {
        if (this.#source !== undefined) this.#start();
      };
      document.addEventListener('pointerdown', retry, { once: true });
    });
  }
}
