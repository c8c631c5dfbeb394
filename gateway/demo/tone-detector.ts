/** The strongest tone of one block of audio. */
export interface ToneReading {
  frequencyHz: number;
  /** Its level relative to a full-scale sine. */
  levelDbfs: number;
  /** Share of the block's power that the tone holds: near 1 for a pure tone, small for speech or noise. */
  purity: number;
}

const SAMPLE_RATE = 8000;
/** 100 ms: with a Hann window, tones 20 Hz apart are told apart. */
const BLOCK = 800;
const LOWEST_HZ = 100;
const HIGHEST_HZ = 3800;
/** The window's main lobe is 40 Hz wide, so no tone falls between two steps of the search. */
const SEARCH_STEP_HZ = 20;
const STEP_HZ = 10;
/** Blocks weaker than this are silence. */
const SILENCE_DBFS = -55;
const FULL_SCALE = 32768;

const WINDOW = Float64Array.from(
  { length: BLOCK },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / BLOCK),
);
const WINDOW_SUM = WINDOW.reduce((sum, value) => sum + value, 0);
const WINDOW_POWER = WINDOW.reduce((sum, value) => sum + value * value, 0);

/** Finds the dominant frequency of 8 kHz audio, block by block, with a bank of Goertzel filters. */
export class ToneDetector {
  readonly #block = new Float64Array(BLOCK);
  #filled = 0;
  #latest: ToneReading | undefined;
  readonly #onBlock: ((reading: ToneReading | undefined) => void) | undefined;

  /** `onBlock` is called for every 100 ms of audio; with undefined when they were silent. */
  constructor(onBlock?: (reading: ToneReading | undefined) => void) {
    this.#onBlock = onBlock;
  }

  /** The last complete block; undefined when it was silent or none is complete yet. */
  get latest(): ToneReading | undefined {
    return this.#latest;
  }

  /** Takes `count` 16-bit samples. */
  push(samples: Int16Array, count = samples.length): void {
    for (let index = 0; index < count; index += 1) {
      const weight = WINDOW[this.#filled] ?? 0;
      this.#block[this.#filled] = ((samples[index] ?? 0) / FULL_SCALE) * weight;
      this.#filled += 1;
      if (this.#filled < BLOCK) continue;
      this.#filled = 0;
      this.#latest = readBlock(this.#block);
      this.#onBlock?.(this.#latest);
    }
  }
}

function readBlock(block: Float64Array): ToneReading | undefined {
  let energy = 0;
  for (const sample of block) energy += sample * sample;
  // Mean square of the unwindowed signal; a full-scale sine has 1/2.
  const meanSquare = energy / WINDOW_POWER;
  if (10 * Math.log10(meanSquare * 2 + Number.MIN_VALUE) < SILENCE_DBFS) return undefined;
  const peak = strongestBin(block);
  const frequencyHz = refine(block, peak);
  const amplitude = (2 * Math.sqrt(goertzel(block, frequencyHz))) / WINDOW_SUM;
  return {
    frequencyHz: Math.round(frequencyHz * 10) / 10,
    levelDbfs: Math.round(200 * Math.log10(amplitude)) / 10,
    purity: Math.min(1, (amplitude * amplitude) / 2 / meanSquare),
  };
}

function strongestBin(block: Float64Array): number {
  let best = LOWEST_HZ;
  let bestPower = 0;
  const look = (hz: number): void => {
    const power = goertzel(block, hz);
    if (power <= bestPower) return;
    best = hz;
    bestPower = power;
  };
  for (let hz = LOWEST_HZ; hz <= HIGHEST_HZ; hz += SEARCH_STEP_HZ) look(hz);
  const around = best;
  look(around - STEP_HZ);
  look(around + STEP_HZ);
  return best;
}

/** The vertex of the parabola through the logarithms of three neighbouring powers. */
function refine(block: Float64Array, peak: number): number {
  const left = Math.log(goertzel(block, peak - STEP_HZ) + Number.MIN_VALUE);
  const middle = Math.log(goertzel(block, peak) + Number.MIN_VALUE);
  const right = Math.log(goertzel(block, peak + STEP_HZ) + Number.MIN_VALUE);
  const curvature = left - 2 * middle + right;
  return curvature === 0 ? peak : peak + (STEP_HZ * (left - right)) / (2 * curvature);
}

/** Squared magnitude at one frequency. */
function goertzel(block: Float64Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE);
  let previous = 0;
  let beforePrevious = 0;
  for (const sample of block) {
    const current = sample + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  }
  return (
    previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious
  );
}
