/**
 * One sub-band of ITU-T G.722: the adaptive quantizer scale and the predictor of two poles and six zeros
 * (section 3.6; the names are those of the recommendation's block diagrams).
 */

/** Table 11/G.722 as a base-2 logarithm turned back: LOGSCL and SCALEL. */
const INVERSE_LOG = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774],
  ...[2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838],
  ...[3922, 4008],
);
const ZEROS = 6;
const POLE_LIMIT = 12_288;
const POLE_SUM_LIMIT = 15_360;

export function saturated(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

export interface BandShape {
  firstScale: number;
  /** Of the logarithmic scale. */
  scaleLimit: number;
  /** How far the logarithm is shifted: 8 for the lower band, 10 for the higher. */
  scaleShift: number;
}

export class G722Band {
  /** Predicted signal. */
  prediction = 0;
  /** Quantizer scale. */
  scale: number;
  readonly #shape: BandShape;
  #logScale = 0;
  #zeroPrediction = 0;
  /** d(n) to d(n-6), the quantized differences. */
  readonly #differences = new Int32Array(ZEROS + 1);
  /** b1 to b6 at their index. */
  readonly #zeros = new Int32Array(ZEROS + 1);
  #pole1 = 0;
  #pole2 = 0;
  #reconstructed1 = 0;
  #partial1 = 0;
  #partial2 = 0;

  constructor(shape: BandShape) {
    this.#shape = shape;
    this.scale = shape.firstScale;
  }

  /** Takes the quantized difference of this sample and the step of the scale, and predicts the next sample. */
  adapt(difference: number, logStep: number): void {
    this.#adaptScale(logStep);
    const reconstructed = saturated(this.prediction + difference);
    const partial = saturated(this.#zeroPrediction + difference);
    this.#differences[0] = difference;
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    const before = this.#reconstructed1;
    this.#reconstructed1 = reconstructed;
    this.#predict(reconstructed, before);
  }

  #adaptScale(logStep: number): void {
    const { scaleLimit, scaleShift } = this.#shape;
    const moved = ((this.#logScale * 127) >> 7) + logStep;
    this.#logScale = Math.max(0, Math.min(scaleLimit, moved));
    const mantissa = INVERSE_LOG[(this.#logScale >> 6) & 31] ?? 0;
    const shift = scaleShift - (this.#logScale >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** UPPOL2 and UPPOL1. */
  #adaptPoles(partial: number): void {
    const sign = partial >> 15;
    const [same1, same2] = [sign === this.#partial1 >> 15, sign === this.#partial2 >> 15];
    const scaled = saturated(this.#pole1 << 2);
    const towards = Math.min(32_767, same1 ? -scaled : scaled);
    const second = (same2 ? 128 : -128) + (towards >> 7) + ((this.#pole2 * 32_512) >> 15);
    const pole2 = Math.max(-POLE_LIMIT, Math.min(POLE_LIMIT, second));
    const limit = saturated(POLE_SUM_LIMIT - pole2);
    const first = saturated((same1 ? 192 : -192) + ((this.#pole1 * 32_640) >> 15));
    this.#pole1 = Math.max(-limit, Math.min(limit, first));
    this.#pole2 = pole2;
  }

  /** UPZERO and the delay line behind it. */
  #adaptZeros(difference: number): void {
    const [zeros, differences] = [this.#zeros, this.#differences];
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    for (let index = ZEROS; index > 0; index -= 1) {
      const same = (differences[index] ?? 0) >> 15 === sign;
      zeros[index] = saturated((same ? step : -step) + (((zeros[index] ?? 0) * 32_640) >> 15));
    }
    differences.copyWithin(1, 0, ZEROS);
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #predict(latest: number, before: number): void {
    const poles =
      ((this.#pole1 * saturated(2 * latest)) >> 15) + ((this.#pole2 * saturated(2 * before)) >> 15);
    let zeros = 0;
    for (let index = 1; index <= ZEROS; index += 1) {
      const difference = saturated(2 * (this.#differences[index] ?? 0));
      zeros += ((this.#zeros[index] ?? 0) * difference) >> 15;
    }
    this.#zeroPrediction = saturated(zeros);
    this.prediction = saturated(saturated(poles) + this.#zeroPrediction);
  }
}

export function lowerBand(): G722Band {
  return new G722Band({ firstScale: 32, scaleLimit: 18_432, scaleShift: 8 });
}

export function higherBand(): G722Band {
  return new G722Band({ firstScale: 8, scaleLimit: 22_528, scaleShift: 10 });
}
