/** Audio of 8000 Hz is looked at in frames of 40 ms: long enough for the beats of two tones to even out. */
const FRAME = 320;
const FRAME_MS = 40;
const ORDER = 4;
/** Of the mean square at overload: quieter is no tone that anybody would answer to (-40 dB). */
const LEAST_POWER = 32_767 ** 2 * 1e-4;
/** What two sine waves leave unexplained by the four samples before: G.711 rounds at -37 dB, speech is rarely under -15 dB. */
const MOST_RESIDUE = 0.01;
/** A tone is as loud as 40 ms before (1.5 dB), and has the same pitch. */
const MOST_STEP = 1.41;
const MOST_DRIFT = 0.02;
/** Frames in a row that make a tone: 240 ms, for which no voice holds its pitch so well. */
const FRAMES_TO_BEGIN = 6;
/** A tone that does not end is one to dial into; ringback lasts 2 s at most (ITU-T E.180). */
const DIAL_TONE_MS = 2_500;

/**
 * Hears a prompt in audio of 8000 Hz: a beep, when it has ended, or a dial tone, when it has lasted for 2.5 s. A tone is one frequency or
 * two that stay as they are; no list of them is needed, since the next sample of two sine waves follows from the four before
 * (linear prediction), which that of speech and noise does not.
 */
export class PromptTone {
  readonly #frame = new Int16Array(FRAME);
  #filled = 0;
  #power = 0;
  #pitch = 0;
  /** Frames in a row that go on as the one before. */
  #steady = 0;

  /** Takes `pcm[0, samples)`; true once, when the prompt is over or lasts. */
  push(pcm: Int16Array, samples: number): boolean {
    let heard = false;
    for (let index = 0; index < samples; index += 1) {
      this.#frame[this.#filled] = pcm[index] ?? 0;
      this.#filled += 1;
      if (this.#filled < FRAME) continue;
      this.#filled = 0;
      heard = this.#judge() || heard;
    }
    return heard;
  }

  #judge(): boolean {
    const { power, pitch, residue } = analyse(this.#frame);
    const step = power > this.#power ? power / this.#power : this.#power / power;
    const isTone = power >= LEAST_POWER && residue <= MOST_RESIDUE;
    const goesOn = isTone && step <= MOST_STEP && Math.abs(pitch - this.#pitch) <= MOST_DRIFT;
    this.#power = power;
    this.#pitch = pitch;
    const before = this.#steady;
    this.#steady = goesOn ? before + 1 : 0;
    if (goesOn) return this.#steady === Math.ceil(DIAL_TONE_MS / FRAME_MS);
    return before >= FRAMES_TO_BEGIN;
  }
}

/** Sums of products of the frame with itself, `ORDER` samples back at most; and the equations that they make. */
const sums = Array.from({ length: ORDER + 1 }, () => new Float64Array(ORDER + 1));
const rows = Array.from({ length: ORDER }, () => new Float64Array(ORDER + 1));

/** The covariance method of linear prediction. `pitch`: the correlation of neighbours, -1 to 1. */
function analyse(frame: Int16Array): { power: number; pitch: number; residue: number } {
  for (let back = 0; back <= ORDER; back += 1)
    for (let other = back; other <= ORDER; other += 1) {
      let sum = 0;
      for (let n = ORDER; n < frame.length; n += 1)
        sum += (frame[n - back] ?? 0) * (frame[n - other] ?? 0);
      at(sums, back)[other] = sum;
      at(sums, other)[back] = sum;
    }
  const energy = value(sums, 0, 0);
  if (energy === 0) return { power: 0, pitch: 0, residue: 1 };
  return {
    power: energy / (frame.length - ORDER),
    pitch: value(sums, 0, 1) / energy,
    residue: (energy - explained(energy)) / energy,
  };
}

/** The energy that the best prediction has: Gauss's elimination, with a little noise added so that one sine has a solution too. */
function explained(energy: number): number {
  for (let row = 0; row < ORDER; row += 1) {
    for (let column = 0; column < ORDER; column += 1)
      at(rows, row)[column] = value(sums, row + 1, column + 1);
    at(rows, row)[row] = value(rows, row, row) + energy * 1e-6;
    at(rows, row)[ORDER] = value(sums, 0, row + 1);
  }
  let gained = 0;
  for (let pivot = 0; pivot < ORDER; pivot += 1) {
    const divisor = value(rows, pivot, pivot);
    gained += value(rows, pivot, ORDER) ** 2 / divisor;
    for (let row = pivot + 1; row < ORDER; row += 1) {
      const factor = value(rows, row, pivot) / divisor;
      for (let column = pivot; column <= ORDER; column += 1)
        at(rows, row)[column] = value(rows, row, column) - factor * value(rows, pivot, column);
    }
  }
  return gained;
}

function at(matrix: readonly Float64Array[], row: number): Float64Array {
  const found = matrix[row];
  if (found === undefined) throw new RangeError('no such row');
  return found;
}

function value(matrix: readonly Float64Array[], row: number, column: number): number {
  return at(matrix, row)[column] ?? 0;
}
