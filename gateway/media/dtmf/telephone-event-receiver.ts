import type { Clock, Timer } from '../../kernel/clock.js';
import { DigitBudget } from './digit-budget.js';
import { digitOf, FLASH, type DigitEvent } from './digit-event.js';
import type {
  EventPacket,
  TelephoneEventReceiverCounters,
  TelephoneEventReceiverOptions,
} from './event-packet.js';
import { HeardDigit, type BlockRelation, type ReceivedBlock } from './heard-digit.js';
import {
  countBlocks,
  emptyBlock,
  readBlock,
  TELEPHONE_EVENT_BLOCK_BYTES,
} from './telephone-event-payload.js';

/**
 * With neither events nor audio it is the network or the sender that stands still, and the key may be down all the while: waiting
 * costs nothing, because no duration is ever made up. Lost end packets are told sooner, by the audio that follows.
 */
const DEFAULT_SILENCE_TIMEOUT_MS = 400;
/** Audio that follows ends a digit sooner, but not at once: some senders interleave both. */
const AUDIO_FOLLOWS_AFTER_MS = 70;
/** RFC 3550 A.1: sequence numbers further back than this are a restarted sender, not a late packet. */
const MAX_MISORDER = 100;
const REMEMBERED_DIGITS = 4;

/**
 * Turns the telephone-event packets of one stream into digit events: each digit once, in order, whatever
 * the sender gets wrong and the network loses, doubles or reorders. A digit is known by (SSRC,
 * timestamp, event), never by its marker or end bit alone.
 */
export class TelephoneEventReceiver {
  readonly counters: TelephoneEventReceiverCounters = {
    digits: 0,
    flashes: 0,
    ignoredEvents: 0,
    refused: 0,
    late: 0,
    flooded: 0,
  };
  readonly #clock: Clock;
  readonly #options: TelephoneEventReceiverOptions;
  readonly #silenceTimeoutMs: number;
  readonly #heard: HeardDigit;
  readonly #received: ReceivedBlock;
  readonly #budget = new DigitBudget();
  /** (SSRC, timestamp, event) of digits before the one in #heard, as a ring. */
  readonly #past: { ssrc: number; timestamp: number; event: number }[] = [];
  #pastNext = 0;
  #lastSequence = -1;
  #lastSsrc = 0;
  #lastId = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: TelephoneEventReceiverOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#silenceTimeoutMs = options.silenceTimeoutMs ?? DEFAULT_SILENCE_TIMEOUT_MS;
    this.#heard = new HeardDigit(options.timestampClockRate);
    const packet: EventPacket = {
      buffer: new Uint8Array(0),
      offset: 0,
      length: 0,
      timestamp: 0,
      sequence: 0,
      ssrc: 0,
      marker: false,
      eventClockRate: options.timestampClockRate,
      now: 0,
    };
    this.#received = { block: emptyBlock(), packet, timestamp: 0, sequenceStep: 1 };
  }

  /** True while a digit is heard whose end has not come yet. */
  get active(): boolean {
    return !this.#heard.ended;
  }

  /** Takes one packet of a telephone-event payload type. Never throws, whatever it holds. */
  receive(packet: EventPacket): void {
    if (this.#closed) return;
    const blocks = countBlocks(packet.length);
    if (blocks === 0 || packet.offset + packet.length > packet.buffer.length) {
      this.counters.refused += 1;
      return;
    }
    const received = this.#received;
    received.packet = packet;
    received.sequenceStep = this.#sequenceStep(packet.sequence, packet.ssrc);
    received.timestamp = packet.timestamp;
    let previousEvent = -1;
    for (let index = 0; index < blocks; index += 1) {
      readBlock(packet.buffer, packet.offset + index * TELEPHONE_EVENT_BLOCK_BYTES, received.block);
      // RFC 4733 2.5.1.5: packed events follow each other without a pause, so the same event again
      // can only be a copy of the block before.
      if (received.block.event !== previousEvent) this.#takeBlock(received);
      previousEvent = received.block.event;
      received.timestamp = this.#nextBlockTimestamp(received);
    }
    if (received.sequenceStep > 0) {
      this.#lastSequence = packet.sequence;
      this.#lastSsrc = packet.ssrc;
    }
  }

  /**
   * Tells that an audio packet of the same stream came. When it follows a digit whose end packets were
   * lost, the digit ends without waiting for the timeout.
   */
  audioArrived(sequence: number, now: number): void {
    if (this.#heard.ended) return;
    if (this.#sequenceStep(sequence, this.#lastSsrc) <= 0) return;
    if (now - this.#heard.lastHeardAt >= AUDIO_FOLLOWS_AFTER_MS) this.#end();
  }

  /** Ends the timer at once; a digit in course is not reported as ended. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#heard.ended = true;
    this.#cancelTimer();
  }

  #takeBlock(received: ReceivedBlock): void {
    const { block } = received;
    const digit = digitOf(block.event);
    if (digit === undefined) {
      this.counters.ignoredEvents += 1;
      return;
    }
    if (block.duration === 0) {
      // RFC 4733 2.3.5: 0 is reserved for events that are states; a digit is none.
      this.counters.refused += 1;
      return;
    }
    const relation = this.#heard.relate(received);
    if (this.#isOver(relation, received)) {
      this.counters.late += 1;
      return;
    }
    const durationMs = this.#durationMs(received);
    if (relation === 'new') {
      if (this.#budget.take(received.packet.now)) this.#begin(received, digit, durationMs);
      else this.counters.flooded += 1;
      return;
    }
    const grew = this.#heard.extend(received, durationMs, relation);
    if (block.end) this.#end();
    else if (grew) this.#emit();
  }

  #isOver(relation: BlockRelation, received: ReceivedBlock): boolean {
    if (relation === 'new') return this.#isPast(received);
    if (relation !== 'over' && this.#heard.ended) {
      this.#heard.follow(received);
      return true;
    }
    return relation === 'over';
  }

  #begin(received: ReceivedBlock, digit: string, durationMs: number): void {
    if (!this.#heard.ended) this.#end();
    this.#remember();
    this.#heard.begin(received, durationMs);
    this.#heard.digit = digit;
    this.#heard.id = this.#nextId();
    this.counters.digits += 1;
    if (digit === FLASH) this.counters.flashes += 1;
    if (!this.#heard.ended) this.#armTimer(this.#silenceTimeoutMs);
    this.#emit();
  }

  #end(): void {
    this.#heard.ended = true;
    this.#cancelTimer();
    this.#emit();
  }

  #emit(): void {
    const { id, digit, startedAt, durationMs, ended } = this.#heard;
    const event: DigitEvent = { id, digit, startedAt, durationMs, ended };
    this.#options.onDigit(event);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#options.nextId?.() ?? this.#lastId;
  }

  #durationMs(received: ReceivedBlock): number {
    const inTimestampClock = this.#options.durationClock === 'timestamp';
    const rate = inTimestampClock
      ? this.#options.timestampClockRate
      : received.packet.eventClockRate;
    return (received.block.duration * 1000) / rate;
  }

  #nextBlockTimestamp(received: ReceivedBlock): number {
    const units = (this.#durationMs(received) * this.#options.timestampClockRate) / 1000;
    return (received.timestamp + Math.round(units)) >>> 0;
  }

  /** Positive when the packet is newer than all before it; another SSRC counts from anew. */
  #sequenceStep(sequence: number, ssrc: number): number {
    if (this.#lastSequence < 0 || ssrc !== this.#lastSsrc) return 1;
    const step = ((sequence - this.#lastSequence) << 16) >> 16;
    return step < -MAX_MISORDER ? 1 : step;
  }

  #remember(): void {
    const { ssrc, timestamp, event } = this.#heard;
    if (timestamp < 0) return;
    this.#past[this.#pastNext] = { ssrc, timestamp, event };
    this.#pastNext = (this.#pastNext + 1) % REMEMBERED_DIGITS;
  }

  #isPast({ packet, timestamp, block }: ReceivedBlock): boolean {
    return this.#past.some(
      (past) =>
        past.timestamp === timestamp && past.event === block.event && past.ssrc === packet.ssrc,
    );
  }

  #armTimer(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#onTimer();
    }, delayMs);
  }

  /** One timer per digit, not per packet: it looks when it fires how long ago the last packet came. */
  #onTimer(): void {
    this.#timer = undefined;
    const left = this.#silenceTimeoutMs - (this.#clock.monotonic() - this.#heard.lastHeardAt);
    if (left > 0) this.#armTimer(left);
    else this.#end();
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
