import type { AudioDecoder, AudioEncoder } from './audio-codec.js';
import { RepeatAndFade } from './repeat-and-fade.js';

type L16Rate = 8000 | 16_000;

/** Linear samples as they are, most significant byte first (RFC 3551 section 4.5.11). */
export class L16Decoder implements AudioDecoder {
  readonly sampleRate: L16Rate;
  readonly #concealment: RepeatAndFade;

  constructor(sampleRate: L16Rate) {
    this.sampleRate = sampleRate;
    this.#concealment = new RepeatAndFade(sampleRate);
  }

  decode(payload: Uint8Array, pcm: Int16Array): number {
    const samples = payload.length >> 1;
    if (payload.length % 2 !== 0 || samples > pcm.length) return 0;
    for (let index = 0; index < samples; index += 1) {
      pcm[index] = ((payload[2 * index] ?? 0) << 8) | (payload[2 * index + 1] ?? 0);
    }
    this.#concealment.heard(pcm, samples);
    return samples;
  }

  conceal(samples: number, pcm: Int16Array): number {
    return this.#concealment.conceal(samples, pcm);
  }
}

export class L16Encoder implements AudioEncoder {
  readonly sampleRate: L16Rate;
  #payload = new Uint8Array(0);

  constructor(sampleRate: L16Rate) {
    this.sampleRate = sampleRate;
  }

  encode(pcm: Int16Array): Uint8Array {
    if (this.#payload.length !== 2 * pcm.length) this.#payload = new Uint8Array(2 * pcm.length);
    const payload = this.#payload;
    for (let index = 0; index < pcm.length; index += 1) {
      const sample = pcm[index] ?? 0;
      payload[2 * index] = (sample >> 8) & 0xff;
      payload[2 * index + 1] = sample & 0xff;
    }
    return payload;
  }
}
