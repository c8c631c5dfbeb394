import { decodeALaw, decodeMuLaw } from '../codecs/g711.js';
import type { SoundSource } from './sound-source.js';
import type { WavAudio } from './wav-file.js';

/** A file that begins or ends in the middle of a wave must not click, and neither must the seam of a repetition. */
const RAMP_MS = 5;

/** The samples of a WAV file, once or again and again. */
export class FileSource implements SoundSource {
  readonly sampleRate: number;
  readonly #audio: WavAudio;
  readonly #repeat: boolean;
  readonly #samples: number;
  readonly #ramp: number;
  #at = 0;

  constructor(audio: WavAudio, repeat: boolean) {
    this.#audio = audio;
    this.#repeat = repeat;
    this.sampleRate = audio.sampleRate;
    this.#samples = audio.coding === 'linear' ? audio.data.length / 2 : audio.data.length;
    this.#ramp = Math.min((RAMP_MS * audio.sampleRate) / 1000, this.#samples / 2);
  }

  fill(pcm: Int16Array): number {
    for (let index = 0; index < pcm.length; index += 1) {
      if (this.#at === this.#samples) {
        if (!this.#repeat) return index;
        this.#at = 0;
      }
      const edge = Math.min(this.#at, this.#samples - 1 - this.#at);
      const gain = edge >= this.#ramp ? 1 : edge / this.#ramp;
      pcm[index] = this.#sample(this.#at) * gain;
      this.#at += 1;
    }
    return pcm.length;
  }

  #sample(at: number): number {
    const { coding, data } = this.#audio;
    if (coding === 'linear') return data.readInt16LE(at * 2);
    const byte = data[at] ?? 0;
    return coding === 'pcmu' ? decodeMuLaw(byte) : decodeALaw(byte);
  }
}
