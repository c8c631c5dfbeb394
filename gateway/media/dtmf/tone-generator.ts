import type { Digit } from './digit-event.js';
import { amplitudeOf, frequenciesOf, TONE_SAMPLE_RATE } from './tone-plan.js';

export interface ToneLevels {
  /** Of the low and of the high frequency, dBm0. */
  lowDbm0: number;
  highDbm0: number;
}

/** ETSI ES 201 235-2 section 4.2.3: the high frequency is the louder one by 1 to 4 dB, as lines lose more of it. */
const DEFAULT_LEVELS: ToneLevels = { lowDbm0: -10, highDbm0: -8 };
/** From nothing to full level and back; the same source allows 7 ms. */
const RAMP_SAMPLES = 24;
const RAMP = Float64Array.from(
  { length: RAMP_SAMPLES + 1 },
  (_, index) => (1 - Math.cos((Math.PI * index) / RAMP_SAMPLES)) / 2,
);

/** Makes one DTMF tone after another as 16-bit samples at 8000 Hz, with soft edges that do not click. */
export class ToneGenerator {
  readonly #lowAmplitude: number;
  readonly #highAmplitude: number;
  #lowStep = 0;
  #highStep = 0;
  #sample = 0;
  /** Steps on RAMP: how loud the tone is now, and where it goes. */
  #level = 0;
  #sounding = false;

  constructor(levels: ToneLevels = DEFAULT_LEVELS) {
    this.#lowAmplitude = amplitudeOf(levels.lowDbm0);
    this.#highAmplitude = amplitudeOf(levels.highDbm0);
  }

  /** True until the tone has faded. */
  get active(): boolean {
    return this.#sounding || this.#level > 0;
  }

  /** Begins a tone; false for what has none (flash). A tone that still sounds is cut off. */
  start(digit: Digit): boolean {
    const frequencies = frequenciesOf(digit);
    if (frequencies === undefined) return false;
    const turn = (2 * Math.PI) / TONE_SAMPLE_RATE;
    this.#lowStep = turn * frequencies.low;
    this.#highStep = turn * frequencies.high;
    this.#sample = 0;
    this.#level = 0;
    this.#sounding = true;
    return true;
  }

  /** Lets the tone fade, within 3 ms of samples. */
  stop(): void {
    this.#sounding = false;
  }

  /** Writes the next samples to the start of `pcm`; silence when no tone sounds. */
  fill(pcm: Int16Array, samples: number): void {
    for (let index = 0; index < samples; index += 1) pcm[index] = this.#next();
  }

  #next(): number {
    if (!this.#sounding && this.#level === 0) return 0;
    if (this.#sounding) this.#level = Math.min(RAMP_SAMPLES, this.#level + 1);
    else this.#level -= 1;
    const low = this.#lowAmplitude * Math.sin(this.#lowStep * this.#sample);
    const high = this.#highAmplitude * Math.sin(this.#highStep * this.#sample);
    this.#sample += 1;
    const value = (low + high) * (RAMP[this.#level] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(value)));
  }
}
