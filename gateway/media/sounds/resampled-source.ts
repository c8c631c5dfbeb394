import { Resampler } from '../codecs/resampler.js';
import type { SoundSource } from './sound-source.js';

const CHUNK_MS = 20;

/** A sound at another rate. */
export class ResampledSource implements SoundSource {
  readonly sampleRate: number;
  readonly #source: SoundSource;
  readonly #resampler: Resampler;
  readonly #input: Int16Array;
  readonly #output: Int16Array;
  #at = 0;
  #filled = 0;

  constructor(source: SoundSource, sampleRate: number) {
    this.sampleRate = sampleRate;
    this.#source = source;
    this.#resampler = new Resampler(source.sampleRate, sampleRate);
    this.#input = new Int16Array((source.sampleRate * CHUNK_MS) / 1000);
    this.#output = new Int16Array(this.#resampler.outputFor(this.#input.length));
  }

  fill(pcm: Int16Array): number {
    let written = 0;
    while (written < pcm.length) {
      if (this.#at === this.#filled && !this.#refill()) break;
      const end = Math.min(this.#filled, this.#at + pcm.length - written);
      pcm.set(this.#output.subarray(this.#at, end), written);
      written += end - this.#at;
      this.#at = end;
    }
    return written;
  }

  /** False at the end of the sound. */
  #refill(): boolean {
    const samples = this.#source.fill(this.#input);
    this.#at = 0;
    this.#filled = samples === 0 ? 0 : this.#resampler.convert(this.#input, samples, this.#output);
    return this.#filled > 0;
  }
}
