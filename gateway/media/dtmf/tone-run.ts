import type { Digit } from './digit-event.js';
import type { ToneFrame } from './tone-frame.js';

/** Frames of the same key in a row that begin a digit: a tone of 40 ms has them (ITU-T Q.24), one of 20 ms has not. */
export const FRAMES_TO_BEGIN = 5;
/** Mean of {@link ToneFrame.purity} over them: noise 12 dB below a key leaves 0.91, the purest vowels that espeak-ng sang had 0.89. */
const MIN_MEAN_PURITY = 0.9;
/** How far their frequencies may lie apart: noise makes 1.2 % of it, a gliding voice or a siren more. */
const MAX_DRIFT = 0.013;

/**
 * The last frames that held the same key. Whether they begin a digit is asked of all of them together: a vowel is now and then as
 * pure as a key for a frame, but it is neither steady nor pure for 40 ms.
 */
export class ToneRun {
  #key: Digit | undefined;
  #length = 0;
  readonly #purities = new Float64Array(FRAMES_TO_BEGIN);
  readonly #lowOffs = new Float64Array(FRAMES_TO_BEGIN);
  readonly #highOffs = new Float64Array(FRAMES_TO_BEGIN);

  /** Of the last frame. */
  get key(): Digit | undefined {
    return this.#key;
  }

  add(key: Digit | undefined, frame: ToneFrame): void {
    this.#length = key === this.#key ? this.#length + 1 : 1;
    this.#key = key;
    if (key === undefined) return;
    const at = this.#length % FRAMES_TO_BEGIN;
    this.#purities[at] = frame.purity;
    this.#lowOffs[at] = frame.lowOff;
    this.#highOffs[at] = frame.highOff;
  }

  clear(): void {
    this.#key = undefined;
    this.#length = 0;
  }

  get isDigit(): boolean {
    return (
      this.#key !== undefined &&
      this.#length >= FRAMES_TO_BEGIN &&
      mean(this.#purities) >= MIN_MEAN_PURITY &&
      spread(this.#lowOffs) <= MAX_DRIFT &&
      spread(this.#highOffs) <= MAX_DRIFT
    );
  }
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

function spread(values: Float64Array): number {
  let [least, most] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index += 1) {
    least = Math.min(least, values[index] ?? 0);
    most = Math.max(most, values[index] ?? 0);
  }
  return most - least;
}
