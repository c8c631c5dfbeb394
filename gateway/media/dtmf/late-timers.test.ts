import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventRecorder } from '../../../test/support/dtmf/event-recorder.js';
import { judge } from '../../../test/support/dtmf/rfc4733-judge.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import { DIGITS } from './digit-event.js';
import { TelephoneEventSender } from './telephone-event-sender.js';

/** A busy event loop: each timer fires later than asked by the next of `latenessMs`. */
class LateClock implements Clock {
  #turn = 0;
  readonly #clock: ManualClock;
  readonly #latenessMs: readonly number[];

  constructor(clock: ManualClock, latenessMs: readonly number[]) {
    this.#clock = clock;
    this.#latenessMs = latenessMs;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const late = this.#latenessMs[this.#turn % this.#latenessMs.length] ?? 0;
    this.#turn += 1;
    return this.#clock.setTimer(callback, delayMs + late);
  }
}

const lateness = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 95, noNaN: true })), {
  minLength: 1,
  maxLength: 40,
});
const tones = fc.array(
  fc.record({ code: fc.integer({ min: 0, max: 15 }), toneMs: fc.integer({ min: 1, max: 9000 }) }),
  { minLength: 1, maxLength: 8 },
);

it('keeps tones, pauses and end packets whole when timers fire late', () => {
  fc.assert(
    fc.property(lateness, tones, (latenessMs, asked) => {
      const clock = new ManualClock();
      const stream = new EventRecorder(clock);
      const sender = new TelephoneEventSender({ clock: new LateClock(clock, latenessMs), stream });
      for (const [id, { code, toneMs }] of asked.entries())
        sender.accept({
          ...{ id, digit: DIGITS.charAt(code), startedAt: 0 },
          ...{ durationMs: toneMs, ended: true },
        });
      clock.advance(200_000);
      const rules = { clockRate: 8000, intervalMs: 20, minToneMs: 65, minGapMs: 65 };
      const sent = judge(stream.packets, { ...rules, lateTimers: true });
      expect(sent.map(({ digit }) => digit)).toEqual(asked.map(({ code }) => DIGITS.charAt(code)));
      expect(sent.map(({ durationMs }) => durationMs)).toEqual(
        asked.map(({ toneMs }) => Math.ceil(Math.max(65, toneMs) / 20) * 20),
      );
      expect([clock.pending, sender.active, sender.queued]).toEqual([0, false, 0]);
    }),
    { numRuns: 300 },
  );
});
