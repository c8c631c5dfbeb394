import type { AudioDecoder, AudioEncoder } from './audio-codec.js';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.js';
import { RepeatAndFade } from './repeat-and-fade.js';

const SAMPLE_RATE = 8000;

interface LawTables {
  /** 256 linear values. */
  linear: Int16Array;
  /** The byte of each 16-bit value, by its unsigned pattern. */
  bytes: Uint8Array;
}

function tablesOf(law: {
  decode: (byte: number) => number;
  encode: (sample: number) => number;
}): LawTables {
  return {
    linear: Int16Array.from({ length: 256 }, (_, byte) => law.decode(byte)),
    bytes: Uint8Array.from({ length: 65_536 }, (_, bits) => law.encode((bits << 16) >> 16)),
  };
}

const TABLES = {
  pcmu: tablesOf({ decode: decodeMuLaw, encode: encodeMuLaw }),
  pcma: tablesOf({ decode: decodeALaw, encode: encodeALaw }),
};

export class G711Decoder implements AudioDecoder {
  readonly sampleRate = SAMPLE_RATE;
  readonly #linear: Int16Array;
  readonly #concealment = new RepeatAndFade(SAMPLE_RATE);

  constructor(law: 'pcmu' | 'pcma') {
    this.#linear = TABLES[law].linear;
  }

  decode(payload: Uint8Array, pcm: Int16Array): number {
    const samples = payload.length;
    if (samples > pcm.length) return 0;
    for (let index = 0; index < samples; index += 1) {
      pcm[index] = this.#linear[payload[index] ?? 0] ?? 0;
    }
    this.#concealment.heard(pcm, samples);
    return samples;
  }

  conceal(samples: number, pcm: Int16Array): number {
    return this.#concealment.conceal(samples, pcm);
  }
}

export class G711Encoder implements AudioEncoder {
  readonly sampleRate = SAMPLE_RATE;
  readonly #bytes: Uint8Array;
  #payload = new Uint8Array(0);

  constructor(law: 'pcmu' | 'pcma') {
    this.#bytes = TABLES[law].bytes;
  }

  encode(pcm: Int16Array): Uint8Array {
    if (this.#payload.length !== pcm.length) this.#payload = new Uint8Array(pcm.length);
    const payload = this.#payload;
    for (let index = 0; index < pcm.length; index += 1) {
      payload[index] = this.#bytes[(pcm[index] ?? 0) & 0xffff] ?? 0;
    }
    return payload;
  }
}
