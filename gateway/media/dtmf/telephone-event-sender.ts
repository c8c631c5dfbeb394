import type { Clock, Timer } from '../../kernel/clock.js';
import { eventCodeOf, type DigitEvent } from './digit-event.js';
import type {
  EventStream,
  TelephoneEventSenderCounters,
  TelephoneEventSenderOptions,
} from './event-stream.js';
import { PlayedDigit } from './played-digit.js';
import { emptyBlock, TELEPHONE_EVENT_BLOCK_BYTES, writeBlock } from './telephone-event-payload.js';

const DEFAULT_MIN_TONE_MS = 65;
const DEFAULT_MIN_GAP_MS = 65;
const DEFAULT_UPDATE_INTERVAL_MS = 20;
const DEFAULT_QUEUE_LIMIT = 64;
/**
 * A digit that is still pressed begins half an interval after it was first heard. Its updates then come between ours,
 * and its end is known before the packet that tells it, so that no duration is sent twice.
 */
const START_DELAY_INTERVALS = 0.5;
/** -10 dBm0, what telephones and other gateways send. */
const VOLUME = 10;
/** Timestamps are whole. */
const ROUNDING_UNITS = 1;

/**
 * Plays digits out as RFC 4733 events, timed by our clock and not by the network they came through:
 *
 *     first packet   one per update interval                  end, spaced by the update interval
 *     M  160         320   480   640                          E 800   E 800   E 800
 *     timestamp constant; sequence numbers those of the stream
 *
 * A digit may begin while its key is still pressed; its duration then follows what is known of the key and never
 * runs ahead of it by more than one interval. Digits wait in a queue for the end of the one before
 * them and the pause after it: none is merged, reordered or silently lost.
 */
export class TelephoneEventSender {
  readonly counters: TelephoneEventSenderCounters = { digits: 0, packets: 0, overflowed: 0 };
  readonly #clock: Clock;
  readonly #stream: EventStream;
  readonly #minToneMs: number;
  readonly #minGapMs: number;
  readonly #intervalMs: number;
  readonly #queueLimit: number;
  readonly #onOverflow: (() => void) | undefined;
  readonly #queue: PlayedDigit[] = [];
  readonly #block = emptyBlock();
  readonly #payload = new Uint8Array(TELEPHONE_EVENT_BLOCK_BYTES);
  #playing: PlayedDigit | undefined;
  #timer: Timer | undefined;
  /** Monotonic ms before which no tone may begin: the pause after the last one. */
  #earliestStart = -Infinity;
  /** The same by the timestamps, which follow the audio and with it its jitter: a receiver goes by them. */
  #pauseEnd: { timestamp: number; clockRate: number } | undefined;
  #newestId = -Infinity;
  #closed = false;

  constructor(options: TelephoneEventSenderOptions) {
    this.#clock = options.clock;
    this.#stream = options.stream;
    this.#minToneMs = options.minToneMs ?? DEFAULT_MIN_TONE_MS;
    this.#minGapMs = options.minGapMs ?? DEFAULT_MIN_GAP_MS;
    this.#intervalMs = options.updateIntervalMs ?? DEFAULT_UPDATE_INTERVAL_MS;
    this.#queueLimit = options.queueLimit ?? DEFAULT_QUEUE_LIMIT;
    this.#onOverflow = options.onOverflow;
    this.#block.volume = VOLUME;
  }

  /**
   * True from the first packet of a digit to its last: the event replaces the audio, so the owner of
   * the stream drops the audio packets that come meanwhile.
   */
  get active(): boolean {
    return this.#playing !== undefined;
  }

  /** Digits that wait behind the one being played. */
  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Takes the start, an update or the end of a digit, or a whole digit. Ids MUST grow from digit to digit; events of a
   * digit that was played or refused are ignored, and so is everything after close().
   */
  accept(event: DigitEvent): void {
    if (this.#closed) return;
    const known = this.#find(event.id);
    if (known !== undefined) {
      known.update(event);
      return;
    }
    const code = eventCodeOf(event.digit);
    if (event.id <= this.#newestId || code === undefined) return;
    this.#newestId = event.id;
    if (this.#queue.length >= this.#queueLimit) {
      this.counters.overflowed += 1;
      this.#onOverflow?.();
      return;
    }
    const digit = new PlayedDigit(event.id, code);
    digit.update(event);
    this.#queue.push(digit);
    if (this.#playing !== undefined || this.#timer !== undefined) return;
    if (event.ended) this.#playNext();
    else this.#wake(this.#intervalMs * START_DELAY_INTERVALS);
  }

  /** Ends the timer at once and forgets what waits; sends nothing more. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#playing = undefined;
    this.#queue.length = 0;
  }

  #find(id: number): PlayedDigit | undefined {
    if (this.#playing?.id === id) return this.#playing;
    return id > this.#newestId ? undefined : this.#queue.find((digit) => digit.id === id);
  }

  #playNext(): void {
    const now = this.#clock.monotonic();
    if (now < this.#earliestStart) {
      this.#wake(this.#earliestStart - now);
      return;
    }
    const missingMs = this.#queue.length === 0 ? 0 : this.#missingPauseMs(now);
    if (missingMs > 0) {
      this.#wake(missingMs);
      return;
    }
    const digit = this.#queue.shift();
    if (digit === undefined) return;
    this.#playing = digit;
    this.counters.digits += 1;
    this.#block.event = digit.code;
    digit.begin({
      now,
      timestamp: this.#stream.currentTimestamp(now),
      intervalMs: this.#intervalMs,
      minToneMs: this.#minToneMs,
      clockRate: this.#stream.clockRate,
      eventClockRate: this.#stream.eventClockRate,
    });
    this.#send(digit, now);
  }

  #send(digit: PlayedDigit, now: number): void {
    const marker = digit.advance(now);
    const block = this.#block;
    block.duration = digit.duration;
    block.end = digit.endBit;
    writeBlock(this.#payload, 0, block);
    this.counters.packets += 1;
    this.#stream.sendEvent(digit.timestamp, marker, this.#payload);
    if (digit.done) this.#finish(digit, now);
    else this.#wake(digit.nextDelayMs(now));
  }

  #finish(digit: PlayedDigit, now: number): void {
    this.#playing = undefined;
    // The last retransmission comes before the next tone also when the pause is set very short.
    this.#earliestStart = Math.max(digit.endedAt + this.#minGapMs, now + this.#intervalMs);
    const { clockRate, eventClockRate } = this.#stream;
    const seconds = digit.duration / eventClockRate + this.#minGapMs / 1000;
    const timestamp = (digit.timestamp + Math.round(seconds * clockRate)) >>> 0;
    this.#pauseEnd = { timestamp, clockRate };
    if (this.#queue.length > 0) this.#wake(this.#earliestStart - now);
  }

  /** What the stream's timestamps lack of the pause; a source that stands still is not waited for any longer than another one. */
  #missingPauseMs(now: number): number {
    const { clockRate } = this.#stream;
    if (this.#pauseEnd?.clockRate !== clockRate) return 0;
    const units = (this.#pauseEnd.timestamp - this.#stream.currentTimestamp(now)) | 0;
    if (units <= ROUNDING_UNITS) return 0;
    return Math.min((units * 1000) / clockRate, this.#earliestStart + this.#minGapMs - now);
  }

  #wake(delayMs: number): void {
    this.#timer = this.#clock.setTimer(this.#onTimer, delayMs);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (this.#playing === undefined) this.#playNext();
    else this.#send(this.#playing, this.#clock.monotonic());
  };
}
