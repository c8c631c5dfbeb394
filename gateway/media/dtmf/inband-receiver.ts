import type { Clock, Timer } from '../../kernel/clock.js';
import { G711Decoder } from '../codecs/g711-codec.js';
import type { DigitEvent } from './digit-event.js';
import { ToneDetector } from './tone-detector.js';

export interface InbandReceiverOptions {
  clock: Clock;
  law: 'pcmu' | 'pcma';
  nextId: () => number;
  /** Called in order; MUST NOT throw. */
  onDigit: (event: DigitEvent) => void;
}

/** A sender that falls silent in a tone sends no pause that would end it. */
const SILENCE_TIMEOUT_MS = 150;
/** The longest packet that is looked at, 120 ms. */
const MAX_SAMPLES = 960;

/** Hears the DTMF tones in a stream of G.711. Packets that come late are not heard. */
export class InbandReceiver {
  readonly #clock: Clock;
  readonly #decoder: G711Decoder;
  readonly #detector: ToneDetector;
  readonly #pcm = new Int16Array(MAX_SAMPLES);
  #lastSequence = -1;
  #heardAt = 0;
  #timer: Timer | undefined;

  constructor(options: InbandReceiverOptions) {
    const { clock, law, nextId, onDigit } = options;
    this.#clock = clock;
    this.#decoder = new G711Decoder(law);
    this.#detector = new ToneDetector({ nextId, onDigit });
  }

  get digits(): number {
    return this.#detector.digits;
  }

  /** True while a tone is in the audio, from its first 20 ms on. */
  get active(): boolean {
    return this.#detector.active;
  }

  /** Takes the payload of one audio packet. */
  receive(payload: Uint8Array, sequence: number, now: number): void {
    const step = ((sequence - this.#lastSequence) << 16) >> 16;
    if (this.#lastSequence >= 0 && step <= 0 && step > -100) return;
    this.#lastSequence = sequence;
    this.#heardAt = now;
    this.#detector.push(this.#pcm, this.#decoder.decode(payload, this.#pcm), now);
    if (this.#detector.active && this.#timer === undefined) this.#arm(SILENCE_TIMEOUT_MS);
  }

  /** Ends the timer at once; a digit in course is told as ended. Idempotent. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#detector.finish();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      const left = this.#heardAt + SILENCE_TIMEOUT_MS - this.#clock.monotonic();
      if (left <= 0) this.#detector.finish();
      else if (this.#detector.active) this.#arm(left);
    }, delayMs);
  }
}
