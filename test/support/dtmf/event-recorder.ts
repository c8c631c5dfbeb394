import type { EventStream } from '../../../gateway/media/dtmf/event-stream.js';
import type { ManualClock } from '../manual-clock.js';

export interface SentEventPacket {
  at: number;
  timestamp: number;
  marker: boolean;
  event: number;
  end: boolean;
  volume: number;
  duration: number;
}

/** An outgoing stream that keeps what was sent on it. */
export class EventRecorder implements EventStream {
  readonly packets: SentEventPacket[] = [];

  /** How far the timestamps are behind the clock: those of a source whose packets come late. */
  lagMs = 0;
  readonly clockRate: number;
  readonly eventClockRate: number;
  readonly #clock: ManualClock;
  readonly #firstTimestamp: number;

  constructor(
    clock: ManualClock,
    options: { clockRate?: number; eventClockRate?: number; firstTimestamp?: number } = {},
  ) {
    this.#clock = clock;
    this.clockRate = options.clockRate ?? 8000;
    this.eventClockRate = options.eventClockRate ?? this.clockRate;
    this.#firstTimestamp = options.firstTimestamp ?? 1000;
  }

  currentTimestamp(now: number): number {
    return (this.#firstTimestamp + Math.floor(((now - this.lagMs) * this.clockRate) / 1000)) >>> 0;
  }

  sendEvent(timestamp: number, marker: boolean, payload: Uint8Array): void {
    const [event = 0, flags = 0, high = 0, low = 0] = payload;
    this.packets.push({
      at: this.#clock.monotonic(),
      timestamp,
      marker,
      event,
      end: (flags & 0x80) !== 0,
      volume: flags & 0x3f,
      duration: high * 256 + low,
    });
  }
}
