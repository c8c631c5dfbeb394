import type { DigitEvent } from './digit-event.js';
import { MAX_EVENT_DURATION } from './telephone-event-payload.js';

/** RFC 4733 2.5.1.4: the last packet of an event, and of a segment, is sent three times in all. */
const FINAL_PACKET_COPIES = 3;
/** A timer may fire a little early or late; a tenth of an interval either way is still its tick. */
const TICK_SLACK = 0.1;

export interface PlayoutStart {
  /** Monotonic ms of the first packet. */
  now: number;
  /** RTP timestamp of the event in the stream's clock. */
  timestamp: number;
  intervalMs: number;
  minToneMs: number;
  clockRate: number;
  eventClockRate: number;
}

/** 100 ms told as 100.00000001 must not become one interval more. */
const ROUNDING_SLACK = 1e-6;

const NOT_BEGUN: PlayoutStart = {
  now: 0,
  timestamp: 0,
  intervalMs: 20,
  minToneMs: 0,
  clockRate: 8000,
  eventClockRate: 8000,
};

/** One digit in the sender: what is known of its key, and how far its play-out is. */
export class PlayedDigit {
  readonly id: number;
  readonly code: number;
  /** RTP timestamp of the current segment. */
  timestamp = 0;
  /** Duration field and E bit of the packet to send now. */
  duration = 0;
  endBit = false;
  /** True when the packet to send now is the digit's last. */
  done = false;
  /** Monotonic ms at which the tone is over, by its timestamps and by the clock of who hears it. */
  endedAt = 0;
  #knownMs = 0;
  #released = false;
  #start = NOT_BEGUN;
  #unitsPerStep = 0;
  /** Intervals of tone told so far. */
  #steps = 0;
  /** Units told by the segments that are complete. */
  #segmentBase = 0;
  #segmentCopies = 0;
  #endCopies = 0;

  constructor(id: number, code: number) {
    this.id = id;
    this.code = code;
  }

  update(event: DigitEvent): void {
    if (event.durationMs > this.#knownMs) this.#knownMs = event.durationMs;
    this.#released ||= event.ended;
  }

  begin(start: PlayoutStart): void {
    this.#start = start;
    this.timestamp = start.timestamp >>> 0;
    this.#unitsPerStep = Math.round((start.eventClockRate * start.intervalMs) / 1000);
  }

  /** Moves on to the packet due at `now`; true when it is the digit's first. */
  advance(now: number): boolean {
    const first = this.#steps === 0;
    if (!this.endBit) this.#advanceTone(now);
    if (this.endBit) {
      this.#endCopies += 1;
      this.done = this.#endCopies === FINAL_PACKET_COPIES;
    }
    return first;
  }

  /** Ms until the next packet: on the digit's own raster, so that late timers do not add up. */
  nextDelayMs(now: number): number {
    const { now: startedAt, intervalMs } = this.#start;
    if (this.endBit) return intervalMs;
    const elapsed = (now - startedAt) / intervalMs;
    return (Math.floor(elapsed + TICK_SLACK) + 1 - elapsed) * intervalMs;
  }

  #advanceTone(now: number): void {
    const needed = this.#advanceSteps(now);
    if (this.#segmentCopies === FINAL_PACKET_COPIES) this.#openNextSegment();
    const units = this.#steps * this.#unitsPerStep - this.#segmentBase;
    if (units > MAX_EVENT_DURATION) {
      // RFC 4733 2.5.1.3: the full segment is told without the E bit, then a new one begins. Its copies
      // come before the new segment, so that no packet seems to run backwards.
      this.duration = MAX_EVENT_DURATION;
      this.#segmentCopies += 1;
      return;
    }
    this.duration = units;
    this.endBit = this.#released && this.#steps >= needed;
    const { now: startedAt, intervalMs } = this.#start;
    if (this.endBit)
      this.endedAt = Math.max(now, startedAt + (this.#steps - 1) * intervalMs) + intervalMs;
  }

  /** Lets the tone grow to what `now` and the key allow; returns the steps that are needed at least. */
  #advanceSteps(now: number): number {
    const { now: startedAt, intervalMs, minToneMs } = this.#start;
    const heldMs = Math.max(this.#knownMs, minToneMs);
    const needed = Math.max(1, Math.ceil(heldMs / intervalMs - ROUNDING_SLACK));
    // A key still down may have been let go right after what is known of it: its end is on the way.
    const ahead = Math.floor(this.#knownMs / intervalMs + ROUNDING_SLACK) + 1;
    const allowed = this.#released ? needed : Math.max(needed, ahead);
    const elapsed = Math.floor((now - startedAt) / intervalMs + TICK_SLACK) + 1;
    this.#steps = Math.max(this.#steps, Math.min(elapsed, allowed));
    return needed;
  }

  #openNextSegment(): void {
    const { clockRate, eventClockRate } = this.#start;
    const step = Math.round((MAX_EVENT_DURATION * clockRate) / eventClockRate);
    this.timestamp = (this.timestamp + step) >>> 0;
    this.#segmentBase += MAX_EVENT_DURATION;
    this.#segmentCopies = 0;
  }
}
