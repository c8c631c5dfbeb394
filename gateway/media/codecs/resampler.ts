/** Zero crossings of the sinc on either side, at the lower rate: 3 ms of delay at 8 kHz. */
const CROSSINGS = 24;
/** Middle of the transition, as a part of the lower rate: 3400 Hz pass and 4240 Hz do not, at 8 kHz. */
const CUTOFF = 0.4775;
/** Kaiser window for 80 dB: 0.1102 * (80 - 8.7). */
const KAISER_BETA = 7.857;

/** Changes the rate of a stream of samples by a polyphase FIR filter, a sinc under a Kaiser window. */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  /** Phase by phase, each in the order of the history. */
  readonly #coefficients: Float32Array;
  /** Samples already used, then new ones. */
  #history: Float32Array;
  #kept: number;
  /** Where the next output lies after the oldest kept sample, in steps of 1/up sample. */
  #phase = 0;

  constructor(fromRate: number, toRate: number) {
    const divisor = greatestCommonDivisor(fromRate, toRate);
    this.#up = toRate / divisor;
    this.#down = fromRate / divisor;
    const length = 2 * CROSSINGS * Math.max(this.#up, this.#down);
    this.#taps = length / this.#up;
    this.#coefficients = polyphase(length, this.#up, this.#down);
    this.#kept = this.#taps - 1;
    this.#history = new Float32Array(this.#kept);
  }

  /** The most samples that `samples` can become. */
  outputFor(samples: number): number {
    return Math.ceil((samples * this.#up) / this.#down) + 1;
  }

  /** Converts `input[0, samples)` to the start of `output`; returns how many samples that made. */
  convert(input: Int16Array, samples: number, output: Int16Array): number {
    const history = this.#append(input, samples);
    const available = this.#kept + samples;
    const [up, taps] = [this.#up, this.#taps];
    let made = 0;
    let first = Math.floor(this.#phase / up);
    while (first + taps <= available) {
      const base = (this.#phase % up) * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        sum += (this.#coefficients[base + tap] ?? 0) * (history[first + tap] ?? 0);
      }
      output[made] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
      made += 1;
      this.#phase += this.#down;
      first = Math.floor(this.#phase / up);
    }
    const used = Math.min(first, available);
    history.copyWithin(0, used, available);
    this.#kept = available - used;
    this.#phase -= used * up;
    return made;
  }

  #append(input: Int16Array, samples: number): Float32Array {
    if (this.#kept + samples > this.#history.length) {
      const larger = new Float32Array(this.#kept + samples);
      larger.set(this.#history.subarray(0, this.#kept));
      this.#history = larger;
    }
    for (let index = 0; index < samples; index += 1) {
      this.#history[this.#kept + index] = input[index] ?? 0;
    }
    return this.#history;
  }
}

/** The prototype low-pass at the rate `up` times the input's, taken apart into `up` filters. */
function polyphase(length: number, up: number, down: number): Float32Array {
  const taps = length / up;
  const coefficients = new Float32Array(length);
  const cutoff = CUTOFF / Math.max(up, down);
  for (let phase = 0; phase < up; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      // The newest sample meets the start of the filter.
      const at = (taps - 1 - tap) * up + phase;
      const value = windowedSinc(at - (length - 1) / 2, length, cutoff);
      coefficients[phase * taps + tap] = value;
      sum += value;
    }
    // Each phase passes a constant unchanged: no ripple at the rate of the input.
    for (let tap = 0; tap < taps; tap += 1) {
      const index = phase * taps + tap;
      coefficients[index] = (coefficients[index] ?? 0) / sum;
    }
  }
  return coefficients;
}

function windowedSinc(offset: number, length: number, cutoff: number): number {
  const angle = 2 * Math.PI * cutoff * offset;
  const sinc = offset === 0 ? 1 : Math.sin(angle) / angle;
  const edge = (2 * offset) / length;
  return sinc * bessel(KAISER_BETA * Math.sqrt(Math.max(0, 1 - edge * edge)));
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
