import { G711Encoder } from '../codecs/g711-codec.js';
import type { EventStream } from './event-stream.js';
import { digitOf } from './digit-event.js';
import { emptyBlock, readBlock } from './telephone-event-payload.js';
import { ToneGenerator } from './tone-generator.js';
import { TONE_SAMPLE_RATE } from './tone-plan.js';

/** What carries G.711 made here: an RTP stream with the clock of 8000 Hz. */
export interface G711Stream {
  currentTimestamp(now: number): number;
  /** The RTP timestamp of `now`, or that at which the audio that was sent last is over, whichever is later. */
  freeTimestamp(now: number): number;
  /** Sends one packet of audio under the next sequence number; copies `payload`. MUST NOT throw. */
  sendAudio(timestamp: number, payload: Uint8Array): void;
}

/** 20 ms, the update interval of telephone-events here. */
const PACKET_SAMPLES = 160;
/** A second. */
const LONG_PAUSE = TONE_SAMPLE_RATE;

/**
 * Turns the telephone-events that a TelephoneEventSender makes into the tones that they stand for, so that in-band digits have
 * its queue, its shortest tone and its pause. What an event grew by is sounded in one packet; the two copies of its end, which
 * come in the pause after it, are packets in which the tone fades and is silent.
 */
export class ToneStream implements EventStream {
  readonly clockRate = TONE_SAMPLE_RATE;
  readonly eventClockRate = TONE_SAMPLE_RATE;
  readonly #stream: G711Stream;
  readonly #encoder: G711Encoder;
  readonly #generator = new ToneGenerator();
  readonly #pcm = new Int16Array(PACKET_SAMPLES);
  readonly #block = emptyBlock();
  /** Timestamp at which the tone began, and how much of it was made. */
  #startedAt = 0;
  #made = 0;
  /** By how much tones begin later than their time, in samples. */
  #putOff = 0;

  constructor(stream: G711Stream, law: 'pcmu' | 'pcma') {
    this.#stream = stream;
    this.#encoder = new G711Encoder(law);
  }

  /**
   * A tone is audio: where it lay over the packet before it, its first 20 ms would not be heard. What it is put off by, the tones soon
   * after it are as well: the pauses between them stay what they are by the clock.
   */
  currentTimestamp(now: number): number {
    const current = this.#stream.currentTimestamp(now);
    const sinceTone = (current - this.#startedAt - this.#made) | 0;
    if (sinceTone > LONG_PAUSE) this.#putOff = 0;
    const free = this.#stream.freeTimestamp(now);
    this.#putOff = Math.max(this.#putOff, (free - current) | 0);
    return (current + this.#putOff) >>> 0;
  }

  sendEvent(timestamp: number, marker: boolean, payload: Uint8Array): void {
    const block = this.#block;
    readBlock(payload, 0, block);
    if (marker) this.#begin(timestamp, block.event);
    const length = ((timestamp - this.#startedAt) >>> 0) + block.duration;
    if (block.end && this.#made >= length) this.#generator.stop();
    const wanted = block.end && this.#made >= length ? this.#made + PACKET_SAMPLES : length;
    while (this.#made < wanted) this.#sendPacket();
  }

  #begin(timestamp: number, event: number): void {
    this.#startedAt = timestamp;
    this.#made = 0;
    this.#generator.start(digitOf(event) ?? '');
  }

  #sendPacket(): void {
    this.#generator.fill(this.#pcm, PACKET_SAMPLES);
    const timestamp = (this.#startedAt + this.#made) >>> 0;
    this.#made += PACKET_SAMPLES;
    this.#stream.sendAudio(timestamp, this.#encoder.encode(this.#pcm));
  }
}
