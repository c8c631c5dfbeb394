import { expect } from 'vitest';
import type { DigitEvent } from '../../../gateway/media/dtmf/digit-event.js';
import type { TelephoneEventReceiverOptions } from '../../../gateway/media/dtmf/event-packet.js';
import { TelephoneEventReceiver } from '../../../gateway/media/dtmf/telephone-event-receiver.js';
import { ManualClock } from '../manual-clock.js';

/** [ms since the packet before, sequence, timestamp, event, `E`/`M`/``, duration, ssrc = 1] */
export type Row = [number, number, number, number, string, number, number?];

export class ReceiverBench {
  readonly clock = new ManualClock();
  readonly events: DigitEvent[] = [];
  readonly receiver: TelephoneEventReceiver;

  constructor(
    readonly eventClockRate = 8000,
    options: Partial<TelephoneEventReceiverOptions> = {},
  ) {
    this.receiver = new TelephoneEventReceiver({
      clock: this.clock,
      timestampClockRate: eventClockRate,
      onDigit: (event) => this.events.push(event),
      ...options,
    });
  }

  play(rows: readonly Row[]): this {
    for (const [wait, sequence, timestamp, event, flags, duration, ssrc] of rows) {
      this.clock.advance(wait);
      const end = flags.includes('E') ? 0x80 : 0;
      this.raw([event, end | 10, duration >> 8, duration & 0xff], {
        sequence: sequence & 0xffff,
        timestamp: timestamp >>> 0,
        ssrc: ssrc ?? 1,
        marker: flags.includes('M'),
      });
    }
    return this;
  }

  raw(
    bytes: number[],
    header: { sequence: number; timestamp: number; ssrc?: number; marker?: boolean },
  ): this {
    this.receiver.receive({
      buffer: Uint8Array.from([0xaa, ...bytes]),
      offset: 1,
      length: bytes.length,
      eventClockRate: this.eventClockRate,
      now: this.clock.monotonic(),
      ssrc: 1,
      marker: false,
      ...header,
    });
    return this;
  }

  /** Ended digits as `digit:ms`, after every timeout has run; checks that nothing is left. */
  finish(): string[] {
    this.clock.advance(1000);
    expect(this.clock.pending).toBe(0);
    expect(this.receiver.active).toBe(false);
    const started = new Set(this.events.map(({ id }) => id));
    const ended = this.events.filter((event) => event.ended);
    expect(ended.map(({ id }) => id)).toEqual([...started]);
    return ended.map(({ digit, durationMs }) => `${digit}:${Math.round(durationMs)}`);
  }
}

/** A clean tone of `ms` by an RFC sender at 8000 Hz, its end packets 20 ms apart. */
export function tone(event: number, ms: number, first: [number, number]): Row[] {
  const [sequence, timestamp] = first;
  const frames = ms / 20;
  return Array.from({ length: frames + 2 }, (_, index): Row => {
    const end = index >= frames - 1;
    const flags = `${index === 0 ? 'M' : ''}${end ? 'E' : ''}`;
    return [20, sequence + index, timestamp, event, flags, Math.min(index + 1, frames) * 160];
  });
}
