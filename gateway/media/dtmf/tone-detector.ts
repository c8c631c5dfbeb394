import type { Digit, DigitEvent } from './digit-event.js';
import { HOP_SAMPLES, ToneFrame } from './tone-frame.js';
import { TONE_SAMPLE_RATE } from './tone-plan.js';
import { FRAMES_TO_BEGIN, ToneRun } from './tone-run.js';

export interface ToneDetectorOptions {
  /** Where ids come from, when several sources feed one sender. Default: a counter of its own. */
  nextId?: () => number;
  /** Called in order: the start of a digit, its growth every 20 ms, its end; MUST NOT throw. */
  onDigit: (event: DigitEvent) => void;
}

const HOP_MS = (HOP_SAMPLES * 1000) / TONE_SAMPLE_RATE;
/** Frames without the key that end it: an interruption of 10 ms has fewer, a pause of 40 ms has more (Q.24). */
const FRAMES_TO_END = 7;
/** A tone has about that much more than the hops between its first and its last frame. */
const EDGES_MS = 16;
const FRAMES_PER_UPDATE = 4;
/** From the start of a tone to the end of the first frame that it fills. */
const FIRST_FRAME_MS = 20;

/**
 * Hears DTMF tones in audio of 8000 Hz (ITU-T Q.23, Q.24): each key once, however it is interrupted for up to 10 ms. Allocates
 * only when it tells of a digit.
 */
export class ToneDetector {
  readonly #options: ToneDetectorOptions;
  readonly #frame = new ToneFrame();
  readonly #rest = new Int16Array(HOP_SAMPLES);
  #restLength = 0;
  #lastId = 0;
  #digits = 0;
  readonly #run = new ToneRun();
  /** The digit that sounds; undefined between digits. */
  #sounding: { id: number; digit: Digit; startedAt: number } | undefined;
  /** Frames since the first of it, and since the last of it. */
  #frames = 0;
  #missed = 0;
  #now = 0;

  constructor(options: ToneDetectorOptions) {
    this.#options = options;
  }

  /** Digits begun. */
  get digits(): number {
    return this.#digits;
  }

  /** True from the first frame that could be a digit, so that its owner can keep the tone out of the audio. */
  get active(): boolean {
    return this.#sounding !== undefined || this.#run.key !== undefined;
  }

  /**
   * Takes the next `samples` of `pcm`, any number of them.
   * @param now Clock.monotonic at which they came
   */
  push(pcm: Int16Array, samples: number, now: number): void {
    this.#now = now;
    let taken = 0;
    if (this.#restLength > 0) {
      taken = Math.min(samples, HOP_SAMPLES - this.#restLength);
      this.#keep(pcm, 0, taken);
      if (this.#restLength < HOP_SAMPLES) return;
      this.#restLength = 0;
      this.#take(this.#frame.next(this.#rest, 0));
    }
    for (; taken + HOP_SAMPLES <= samples; taken += HOP_SAMPLES)
      this.#take(this.#frame.next(pcm, taken));
    this.#keep(pcm, taken, samples - taken);
  }

  /** The audio has stopped: a digit that sounds ends now. */
  finish(): void {
    this.#run.clear();
    this.#end();
  }

  #keep(pcm: Int16Array, from: number, count: number): void {
    for (let index = 0; index < count; index += 1)
      this.#rest[this.#restLength + index] = pcm[from + index] ?? 0;
    this.#restLength += count;
  }

  #take(key: Digit | undefined): void {
    this.#run.add(key, this.#frame);
    const isSame = this.#sounding !== undefined && key === this.#sounding.digit;
    if (isSame) {
      this.#frames += this.#missed + 1;
      this.#missed = 0;
      if (this.#frames % FRAMES_PER_UPDATE === 0) this.#emit(false);
      return;
    }
    if (this.#sounding !== undefined) {
      this.#missed += 1;
      if (this.#missed >= FRAMES_TO_END) this.#end();
    }
    if (key !== undefined && this.#run.isDigit) this.#begin(key);
  }

  #begin(digit: Digit): void {
    this.#end();
    this.#lastId += 1;
    this.#digits += 1;
    const id = this.#options.nextId?.() ?? this.#lastId;
    const heardMs = (FRAMES_TO_BEGIN - 1) * HOP_MS + FIRST_FRAME_MS;
    this.#sounding = { id, digit, startedAt: this.#now - heardMs };
    this.#frames = FRAMES_TO_BEGIN - 1;
    this.#missed = 0;
    this.#emit(false);
  }

  #end(): void {
    if (this.#sounding === undefined) return;
    this.#emit(true);
    this.#sounding = undefined;
    this.#missed = 0;
  }

  #emit(ended: boolean): void {
    if (this.#sounding === undefined) return;
    const durationMs = this.#frames * HOP_MS + EDGES_MS;
    this.#options.onDigit({ ...this.#sounding, durationMs, ended });
  }
}
