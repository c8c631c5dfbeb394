/** What is repeated: two periods of a low voice, so that no pitch need be searched for. */
const REPEATED_MS = 20;
/** After this, silence: a longer repetition sounds like a machine (ITU-T G.711 Appendix I uses the same time). */
const FADE_MS = 60;

/** Loss concealment for codecs without one: the last 20 ms again and again, fading to silence. */
export class RepeatAndFade {
  readonly #last: Int16Array;
  readonly #fadeSamples: number;
  #position = 0;
  #concealed = 0;

  constructor(sampleRate: number) {
    this.#last = new Int16Array((REPEATED_MS * sampleRate) / 1000);
    this.#fadeSamples = (FADE_MS * sampleRate) / 1000;
  }

  /** Remembers decoded audio. */
  heard(pcm: Int16Array, samples: number): void {
    const last = this.#last;
    const kept = Math.min(samples, last.length);
    last.copyWithin(0, kept);
    for (let index = 0; index < kept; index += 1) {
      last[last.length - kept + index] = pcm[samples - kept + index] ?? 0;
    }
    this.#position = 0;
    this.#concealed = 0;
  }

  conceal(samples: number, pcm: Int16Array): number {
    const count = Math.min(samples, pcm.length);
    for (let index = 0; index < count; index += 1) {
      const gain = Math.max(0, 1 - this.#concealed / this.#fadeSamples);
      pcm[index] = (this.#last[this.#position] ?? 0) * gain;
      this.#position = (this.#position + 1) % this.#last.length;
      this.#concealed += 1;
    }
    return count;
  }
}
