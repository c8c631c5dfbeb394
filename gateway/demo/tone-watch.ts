import type { ToneReading } from './tone-detector.js';

/** A share of the power below this is speech or noise, not a tone. */
const MIN_PURITY = 0.5;
const SAME_TONE_HZ = 15;

/** Tells each tone once: when two blocks in a row have the same frequency. */
export class ToneWatch {
  readonly #onTone: (tone: ToneReading) => void;
  #last: ToneReading | undefined;
  #told = false;

  constructor(onTone: (tone: ToneReading) => void) {
    this.#onTone = onTone;
  }

  /** Takes the reading of one block; undefined for silence. */
  block(reading: ToneReading | undefined): void {
    const tone = reading !== undefined && reading.purity >= MIN_PURITY ? reading : undefined;
    const last = this.#last;
    this.#last = tone;
    const same =
      tone !== undefined &&
      last !== undefined &&
      Math.abs(tone.frequencyHz - last.frequencyHz) <= SAME_TONE_HZ;
    if (!same) this.#told = false;
    else if (!this.#told) {
      this.#told = true;
      this.#onTone(tone);
    }
  }
}
