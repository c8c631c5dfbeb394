import type { Digit } from './digit-event.js';
import { amplitudeOf, HIGH_HZ, keyAt, LOW_HZ, TONE_SAMPLE_RATE } from './tone-plan.js';

/** Samples that are looked at together: 20 ms, through a Hann window, which keeps the two tones of a key apart. */
const FRAME_SAMPLES = 160;
/** Samples between two looks: 5 ms. A frequency up to 100 Hz off is told by how its phase moved on. */
export const HOP_SAMPLES = 40;

/** ITU-T Q.24 wants 1.5 % accepted and 3.5 % refused; noise of 15 dB below a key adds less than 0.3 %. */
const MAX_DETUNING = 0.02;
/** ITU-T Q.24 table A-1 has -4 to +8 dB (low over high) and more; outside of these it is no telephone. */
const MAX_LOW_OVER_HIGH = 10 ** (10 / 10);
const MAX_HIGH_OVER_LOW = 10 ** (6 / 10);
/** What is asked for is -25 dBm0 for each tone, and -29 dBm0 in some networks. */
const MIN_AMPLITUDE = amplitudeOf(-30);
/** Share of all energy that the two tones have: 0.85 is noise 7.5 dB below them. Speech has more beside them. */
const MIN_PURITY = 0.85;

const HZ = [...LOW_HZ, ...HIGH_HZ];
const COEFFICIENTS = HZ.map((hz) => 2 * Math.cos((2 * Math.PI * hz) / TONE_SAMPLE_RATE));
const SINES = HZ.map((hz) => Math.sin((2 * Math.PI * hz) / TONE_SAMPLE_RATE));
/** Phase that each frequency gains in a hop. */
const ADVANCES = HZ.map((hz) => ((2 * Math.PI * hz) / TONE_SAMPLE_RATE) * HOP_SAMPLES);
const WINDOW = Float64Array.from(
  { length: FRAME_SAMPLES },
  (_, index) => (1 - Math.cos((2 * Math.PI * (index + 0.5)) / FRAME_SAMPLES)) / 2,
);
/** Sum of the window's squares is 3/8 of its length, its sum half of it. */
const MIN_ENERGY = MIN_AMPLITUDE ** 2 * ((3 / 8) * FRAME_SAMPLES);

/** Tells of each frame of 20 ms, every 5 ms, whether it holds exactly one DTMF tone pair (ITU-T Q.24). Allocates nothing. */
export class ToneFrame {
  readonly #samples = new Float64Array(FRAME_SAMPLES);
  readonly #real = new Float64Array(HZ.length);
  readonly #imaginary = new Float64Array(HZ.length);
  readonly #phases = new Float64Array(HZ.length);
  #phasesKnown = false;
  /** Of the last frame that held a key: the share of its energy that the two tones have, about 1 without anything beside them. */
  purity = 0;
  /** And how far they were off their frequencies, as a part of these. */
  lowOff = 0;
  highOff = 0;

  /** Takes the next HOP_SAMPLES samples from `offset`; the key that the frame ending there holds, or undefined. */
  next(pcm: Int16Array, offset: number): Digit | undefined {
    const samples = this.#samples;
    samples.copyWithin(0, HOP_SAMPLES);
    for (let index = 0; index < HOP_SAMPLES; index += 1)
      samples[FRAME_SAMPLES - HOP_SAMPLES + index] = pcm[offset + index] ?? 0;
    const energy = this.#energy();
    if (energy < MIN_ENERGY) {
      this.#phasesKnown = false;
      return undefined;
    }
    for (let tone = 0; tone < HZ.length; tone += 1) this.#correlate(tone);
    const key = this.#phasesKnown ? this.#judge(energy) : undefined;
    for (let tone = 0; tone < HZ.length; tone += 1) this.#phases[tone] = this.#phase(tone);
    this.#phasesKnown = true;
    return key;
  }

  #judge(energy: number): Digit | undefined {
    const row = this.#loudest(0);
    const column = this.#loudest(LOW_HZ.length);
    this.lowOff = this.#offOf(row);
    this.highOff = this.#offOf(column);
    if (Math.max(Math.abs(this.lowOff), Math.abs(this.highOff)) > MAX_DETUNING) return undefined;
    const [low, high] = [this.#power(row, this.lowOff), this.#power(column, this.highOff)];
    if (low > high * MAX_LOW_OVER_HIGH || high > low * MAX_HIGH_OVER_LOW) return undefined;
    if (Math.min(low, high) < (MIN_AMPLITUDE * (FRAME_SAMPLES / 4)) ** 2) return undefined;
    // A sine of amplitude A has |y| = A N / 4 and the windowed energy 3 N A^2 / 16.
    this.purity = (3 * (low + high)) / FRAME_SAMPLES / energy;
    if (this.purity < MIN_PURITY) return undefined;
    return keyAt(row, column - LOW_HZ.length);
  }

  #energy(): number {
    let energy = 0;
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const value = (this.#samples[index] ?? 0) * (WINDOW[index] ?? 0);
      energy += value * value;
    }
    return energy;
  }

  /** Goertzel's recursion, with the phase at the end of the frame. */
  #correlate(tone: number): void {
    const coefficient = COEFFICIENTS[tone] ?? 0;
    let [last, before] = [0, 0];
    for (let index = 0; index < FRAME_SAMPLES; index += 1) {
      const value = (this.#samples[index] ?? 0) * (WINDOW[index] ?? 0);
      const current = value + coefficient * last - before;
      before = last;
      last = current;
    }
    this.#real[tone] = last - (coefficient / 2) * before;
    this.#imaginary[tone] = (SINES[tone] ?? 0) * before;
  }

  #loudest(first: number): number {
    let found = first;
    for (let tone = first; tone < first + LOW_HZ.length; tone += 1)
      if (this.#square(tone) > this.#square(found)) found = tone;
    return found;
  }

  #square(tone: number): number {
    return (this.#real[tone] ?? 0) ** 2 + (this.#imaginary[tone] ?? 0) ** 2;
  }

  #phase(tone: number): number {
    return Math.atan2(this.#imaginary[tone] ?? 0, this.#real[tone] ?? 0);
  }

  /** How far the tone is off its frequency, as a part of it, told by its phase. */
  #offOf(tone: number): number {
    const turn = this.#phase(tone) - (this.#phases[tone] ?? 0) - (ADVANCES[tone] ?? 0);
    const turns = turn / (2 * Math.PI);
    const offHz = ((turns - Math.round(turns)) * TONE_SAMPLE_RATE) / HOP_SAMPLES;
    return offHz / (HZ[tone] ?? 1);
  }

  /** |y|^2 as if the frequency were exact. */
  #power(tone: number, off: number): number {
    const bins = (off * (HZ[tone] ?? 0) * FRAME_SAMPLES) / TONE_SAMPLE_RATE;
    return this.#square(tone) / hannResponse(bins) ** 2;
  }
}

/** Response of the window to a sine that is off by a part of a bin. */
function hannResponse(bins: number): number {
  if (Math.abs(bins) < 1e-6) return 1;
  return Math.sin(Math.PI * bins) / (Math.PI * bins * (1 - bins * bins));
}
