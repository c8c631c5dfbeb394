import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import type { Clock } from '../kernel/clock.js';
import { PacketClock } from './packet-clock.js';

/** Timers that fire 7 ms late, as those of a busy process do. */
function lateClock(clock: ManualClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (callback, ms) => clock.setTimer(callback, ms + 7),
  };
}

function run(clock: Clock, times: { at: number; skipped: number }[]): PacketClock {
  const pacer = new PacketClock(clock, (skipped) => times.push({ at: clock.monotonic(), skipped }));
  pacer.start();
  return pacer;
}

describe('the packet clock', () => {
  it('ticks at once and then every 20 ms', () => {
    const clock = new ManualClock();
    const times: { at: number; skipped: number }[] = [];
    const pacer = run(clock, times);
    pacer.start();
    clock.advance(100);
    expect(times.map(({ at }) => at)).toEqual([0, 20, 40, 60, 80, 100]);
    pacer.stop();
    clock.advance(100);
    expect(times).toHaveLength(6);
    expect(clock.pending).toBe(0);
  });

  it('does not drift when timers are late', () => {
    const clock = new ManualClock();
    const times: { at: number; skipped: number }[] = [];
    const pacer = run(lateClock(clock), times);
    clock.advance(10_007);
    expect(times).toHaveLength(501);
    expect(times.at(-1)).toEqual({ at: 10_007, skipped: 0 });
    pacer.stop();
  });

  it('catches up after a short stall and skips after a long one', () => {
    const clock = new ManualClock();
    const stalling = { stalledMs: 0 };
    const times: { at: number; skipped: number }[] = [];
    const subject: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + stalling.stalledMs,
      setTimer: (callback, ms) => clock.setTimer(callback, ms),
    };
    const pacer = run(subject, times);
    clock.advance(20);
    stalling.stalledMs = 100;
    clock.advance(20);
    // Five periods were lost to the stall: all their packets go out now, none is skipped.
    expect(times.map(({ at }) => at)).toEqual([0, 20, 140, 140, 140, 140, 140, 140]);
    expect(times.every(({ skipped }) => skipped === 0)).toBe(true);
    stalling.stalledMs = 1100;
    clock.advance(20);
    expect(times.slice(8)).toEqual([{ at: 1160, skipped: 50 }]);
    pacer.stop();
    expect(clock.pending).toBe(0);
  });

  it('may be stopped from within its tick', () => {
    const clock = new ManualClock();
    const pacer = new PacketClock(clock, () => {
      pacer.stop();
    });
    pacer.start();
    clock.advance(100);
    expect(clock.pending).toBe(0);
  });
});
