import type { AudioDecoder, AudioEncoder } from './audio-codec.js';
import { higherBand, lowerBand, saturated } from './g722-band.js';
import { RepeatAndFade } from './repeat-and-fade.js';

/**
 * ITU-T G.722 at 64 kbit/s: two sub-bands of 8000 samples a second each, six bits for the lower and two for the
 * higher. The audio has 16000 samples a second, though its RTP clock says 8000 (RFC 3551 section 4.5.2).
 */

const SAMPLE_RATE = 16_000;

/** Coefficients of the quadrature mirror filter, every second one (table 11/G.722). */
const MIRROR = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
/** Decision levels of the lower band's 60 steps (table 14/G.722). */
const LOWER_LEVELS = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940],
  ...[1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
/** Output values of the lower band by its top four bits: all that adapts the codec. */
const LOWER_4_BITS = Int32Array.of(
  ...[0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200],
  ...[20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0],
);
/** Output values of the lower band with all six bits: what is heard. */
const LOWER_6_BITS = Int32Array.of(
  ...[-136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280],
  ...[-11_192, -10_232, -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008],
  ...[-3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24_808, 21_904, 19_008],
  ...[16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856, 7192, 6576, 6000, 5456],
  ...[4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136],
);
/** Steps of the lower band's logarithmic scale by the top four bits. */
const LOWER_STEPS = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30],
  ...[3042, 1198, 538, 334, 172, 58, -30, -60],
);
const HIGHER_LEVEL = 564;
const HIGHER_2_BITS = Int32Array.of(-7408, -1616, 7408, 1616);
const HIGHER_STEPS = Int32Array.of(798, -214, 798, -214);

/** The code of the lower band for a difference that passed `level` of the decision levels, 1 to 30. */
function lowerCode(level: number, negative: boolean): number {
  if (!negative) return 62 - level;
  return level < 3 ? 64 - level : 34 - level;
}

/** The delay line of a mirror filter: each pair of samples shifts it by two. */
class MirrorFilter {
  odd = 0;
  even = 0;
  readonly #line = new Int32Array(24);

  push(first: number, second: number): void {
    const line = this.#line;
    line.copyWithin(0, 2);
    line[22] = first;
    line[23] = second;
    let [odd, even] = [0, 0];
    for (let index = 0; index < 12; index += 1) {
      odd += (line[2 * index] ?? 0) * (MIRROR[index] ?? 0);
      even += (line[2 * index + 1] ?? 0) * (MIRROR[11 - index] ?? 0);
    }
    this.odd = odd;
    this.even = even;
  }
}

export class G722Encoder implements AudioEncoder {
  readonly sampleRate = SAMPLE_RATE;
  readonly #filter = new MirrorFilter();
  readonly #lower = lowerBand();
  readonly #higher = higherBand();
  #payload = new Uint8Array(0);

  encode(pcm: Int16Array): Uint8Array {
    const bytes = pcm.length >> 1;
    if (this.#payload.length !== bytes) this.#payload = new Uint8Array(bytes);
    for (let index = 0; index < bytes; index += 1) {
      const filter = this.#filter;
      filter.push(pcm[2 * index] ?? 0, pcm[2 * index + 1] ?? 0);
      const low = this.#encodeLower((filter.even + filter.odd) >> 14);
      const high = this.#encodeHigher((filter.even - filter.odd) >> 14);
      this.#payload[index] = (high << 6) | low;
    }
    return this.#payload;
  }

  #encodeLower(sample: number): number {
    const band = this.#lower;
    const difference = saturated(sample - band.prediction);
    const negative = difference < 0;
    const magnitude = negative ? -(difference + 1) : difference;
    let level = 1;
    while (level < 30 && magnitude >= ((LOWER_LEVELS[level] ?? 0) * band.scale) >> 12) level += 1;
    const code = lowerCode(level, negative);
    const top = code >> 2;
    band.adapt((band.scale * (LOWER_4_BITS[top] ?? 0)) >> 15, LOWER_STEPS[top] ?? 0);
    return code;
  }

  #encodeHigher(sample: number): number {
    const band = this.#higher;
    const difference = saturated(sample - band.prediction);
    const magnitude = difference < 0 ? -(difference + 1) : difference;
    const outer = magnitude >= (HIGHER_LEVEL * band.scale) >> 12;
    const code = (difference < 0 ? 0 : 2) + (outer ? 0 : 1);
    band.adapt((band.scale * (HIGHER_2_BITS[code] ?? 0)) >> 15, HIGHER_STEPS[code] ?? 0);
    return code;
  }
}

export class G722Decoder implements AudioDecoder {
  readonly sampleRate = SAMPLE_RATE;
  readonly #filter = new MirrorFilter();
  readonly #lower = lowerBand();
  readonly #higher = higherBand();
  readonly #concealment = new RepeatAndFade(SAMPLE_RATE);

  decode(payload: Uint8Array, pcm: Int16Array): number {
    const samples = payload.length * 2;
    if (samples > pcm.length) return 0;
    for (let index = 0; index < payload.length; index += 1) {
      const code = payload[index] ?? 0;
      const low = this.#decodeLower(code & 0x3f);
      const high = this.#decodeHigher(code >> 6);
      this.#filter.push(low + high, low - high);
      pcm[2 * index] = saturated(this.#filter.even >> 11);
      pcm[2 * index + 1] = saturated(this.#filter.odd >> 11);
    }
    this.#concealment.heard(pcm, samples);
    return samples;
  }

  conceal(samples: number, pcm: Int16Array): number {
    return this.#concealment.conceal(samples, pcm);
  }

  #decodeLower(code: number): number {
    const band = this.#lower;
    const heard = limited(band.prediction + ((band.scale * (LOWER_6_BITS[code] ?? 0)) >> 15));
    const top = code >> 2;
    band.adapt((band.scale * (LOWER_4_BITS[top] ?? 0)) >> 15, LOWER_STEPS[top] ?? 0);
    return heard;
  }

  #decodeHigher(code: number): number {
    const band = this.#higher;
    const difference = (band.scale * (HIGHER_2_BITS[code] ?? 0)) >> 15;
    const heard = limited(band.prediction + difference);
    band.adapt(difference, HIGHER_STEPS[code] ?? 0);
    return heard;
  }
}

/** LIMIT: 15 bits. */
function limited(value: number): number {
  return Math.max(-16_384, Math.min(16_383, value));
}
