import { describe, expect, it } from 'vitest';
import { EventRecorder } from '../../../test/support/dtmf/event-recorder.js';
import { judge, type JudgedDigit } from '../../../test/support/dtmf/rfc4733-judge.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { TelephoneEventSenderOptions } from './event-stream.js';
import { TelephoneEventSender } from './telephone-event-sender.js';

class Bench {
  readonly clock = new ManualClock();
  readonly stream: EventRecorder;
  readonly sender: TelephoneEventSender;
  readonly rules;
  #id = 0;

  constructor(
    options: Partial<TelephoneEventSenderOptions> = {},
    stream: { clockRate?: number; eventClockRate?: number; firstTimestamp?: number } = {},
  ) {
    const { clockRate = 8000, eventClockRate = clockRate } = stream;
    this.stream = new EventRecorder(this.clock, stream);
    this.sender = new TelephoneEventSender({ clock: this.clock, stream: this.stream, ...options });
    const { updateIntervalMs: intervalMs = 20, minToneMs = 65, minGapMs = 65 } = options;
    this.rules = { clockRate, eventClockRate, intervalMs, minToneMs, minGapMs };
  }

  press(digit: string, durationMs: number, ended: boolean): number {
    this.#id += 1;
    this.update(this.#id, { digit, durationMs, ended });
    return this.#id;
  }

  update(id: number, state: { digit: string; durationMs: number; ended: boolean }): void {
    this.sender.accept({ id, startedAt: this.clock.monotonic(), ...state });
  }

  finish(ms = 60_000): JudgedDigit[] {
    this.clock.advance(ms);
    expect(this.clock.pending).toBe(0);
    expect(this.sender.active).toBe(false);
    expect(this.sender.queued).toBe(0);
    return judge(this.stream.packets, this.rules);
  }
}

describe('TelephoneEventSender', () => {
  it('sends a whole digit by the book', () => {
    const bench = new Bench();
    bench.clock.advance(100);
    bench.press('5', 100, true);
    const digits = bench.finish();
    expect(digits).toMatchObject([{ digit: '5', durationMs: 100, timestamp: 1800 }]);
    expect(bench.stream.packets.map((packet) => [packet.at, packet.duration, packet.end])).toEqual([
      [100, 160, false],
      [120, 320, false],
      [140, 480, false],
      [160, 640, false],
      [180, 800, true],
      [200, 800, true],
      [220, 800, true],
    ]);
    expect(bench.stream.packets.map(({ marker }) => marker)).toEqual([
      true,
      ...Array<boolean>(6).fill(false),
    ]);
    expect(bench.sender.counters).toEqual({ digits: 1, packets: 7, overflowed: 0 });
  });

  it.each([
    [40, 80],
    [65, 80],
    [80, 80],
    [81, 100],
    [100, 100],
    [100.000_000_01, 100],
    [119, 120],
    [1000, 1000],
    [0, 80],
    [-5, 80],
    [Number.NaN, 80],
  ])('rounds %d ms up to %d ms', (asked, sent) => {
    const bench = new Bench();
    bench.press('1', asked, true);
    expect(bench.finish()).toMatchObject([{ durationMs: sent }]);
  });

  it.each([
    [8000, 8000, 800],
    [16_000, 16_000, 1600],
    [48_000, 48_000, 4800],
    [48_000, 8000, 800],
  ])(
    'timestamps at %d Hz, durations at %d Hz: 100 ms is %d',
    (clockRate, eventClockRate, units) => {
      const bench = new Bench({}, { clockRate, eventClockRate });
      bench.press('1', 100, true);
      bench.press('2', 100, true);
      const digits = bench.finish();
      expect(bench.stream.packets.at(-1)?.duration).toBe(units);
      expect(digits.map(({ digit }) => digit)).toEqual(['1', '2']);
    },
  );

  it('begins while the key is down and ends with it', () => {
    const bench = new Bench();
    const id = bench.press('5', 20, false);
    bench.clock.advance(10);
    expect(bench.stream.packets).toHaveLength(1);
    bench.clock.advance(10);
    for (const durationMs of [40, 60, 80, 100]) {
      bench.update(id, { digit: '5', durationMs, ended: durationMs === 100 });
      if (durationMs < 100) bench.clock.advance(20);
    }
    expect(bench.finish()).toMatchObject([{ durationMs: 100, endAt: 90 }]);
  });

  it.each([
    { early: 0, late: 9 },
    { early: 9, late: 0 },
    { early: 9, late: 9 },
  ])('tells no duration twice while updates come up to $early ms early and $late ms late', (by) => {
    const bench = new Bench();
    const shifts = [0, by.late, -by.early, by.late, -by.early];
    const id = bench.press('5', 20, false);
    const startedAt = bench.clock.monotonic();
    shifts.forEach((shift, index) => {
      bench.clock.advance(startedAt + index * 20 + shift - bench.clock.monotonic());
      bench.update(id, { digit: '5', durationMs: 20 * (index + 1), ended: index === 4 });
    });
    bench.finish();
    const told = bench.stream.packets.filter(({ end }) => !end).map(({ duration }) => duration);
    expect(told).toEqual([160, 320, 480, 640]);
    expect(bench.stream.packets.filter(({ end }) => end)).toHaveLength(3);
  });

  it('stays within one interval of the key when the end comes late', () => {
    const bench = new Bench();
    const id = bench.press('5', 80, false);
    bench.clock.advance(300);
    expect(bench.stream.packets.at(-1)).toMatchObject({ duration: 800, end: false });
    bench.update(id, { digit: '5', durationMs: 80, ended: true });
    expect(bench.finish()).toMatchObject([{ durationMs: 100 }]);
  });

  it('catches up when the true length becomes known only at the end (Asterisk at 48000 Hz)', () => {
    const bench = new Bench();
    const id = bench.press('5', 4, false);
    bench.clock.advance(400);
    expect(bench.stream.packets.at(-1)).toMatchObject({ duration: 640, end: false });
    bench.update(id, { digit: '5', durationMs: 400, ended: true });
    expect(bench.finish()).toMatchObject([{ durationMs: 400, endAt: 410 }]);
  });

  it('queues digits that come at once: in order, apart, none merged', () => {
    const bench = new Bench();
    for (const digit of '1122#*ABCD') bench.press(digit, 40, true);
    expect(bench.sender.queued).toBe(9);
    const digits = bench.finish();
    expect(digits.map(({ digit }) => digit).join('')).toBe('1122#*ABCD');
    expect(digits[1]!.firstAt).toBe(145);
  });

  it('takes updates of digits that wait', () => {
    const bench = new Bench();
    bench.press('1', 500, true);
    const id = bench.press('2', 20, false);
    bench.update(id, { digit: '2', durationMs: 200, ended: true });
    expect(bench.finish().map(({ durationMs }) => durationMs)).toEqual([500, 200]);
  });

  it('keeps the pause from the digit before also when the next comes later', () => {
    const bench = new Bench();
    bench.press('1', 80, true);
    bench.clock.advance(110);
    expect(bench.sender.active).toBe(false);
    bench.press('2', 80, true);
    expect(bench.sender.active).toBe(false);
    const digits = bench.finish();
    expect(digits.map(({ firstAt }) => firstAt)).toEqual([0, 145]);
  });

  it('keeps the pause by the timestamps when those of the audio fall behind', () => {
    const bench = new Bench({ minGapMs: 100 });
    bench.press('1', 100, true);
    bench.press('2', 100, true);
    bench.clock.advance(150);
    // The source's packets come 60 ms later from now on.
    bench.stream.lagMs = 60;
    const [first, second] = bench.finish();
    expect(second!.timestamp - first!.timestamp).toBe(8 * (100 + 100));
    const starts = bench.stream.packets.filter(({ marker }) => marker).map(({ at }) => at);
    expect(starts).toEqual([0, 260]);
  });

  it('waits no longer than another pause for timestamps that do not come', () => {
    const bench = new Bench({ minGapMs: 100 });
    bench.press('1', 100, true);
    bench.press('2', 100, true);
    bench.clock.advance(150);
    bench.stream.lagMs = 3_600_000;
    bench.clock.advance(200);
    const starts = bench.stream.packets.filter(({ marker }) => marker).map(({ at }) => at);
    expect(starts).toEqual([0, 300]);
    bench.sender.close();
  });

  it('replaces the audio from the first packet to the last end packet', () => {
    const bench = new Bench();
    expect(bench.sender.active).toBe(false);
    bench.press('1', 100, true);
    bench.clock.advance(119);
    expect(bench.sender.active).toBe(true);
    bench.clock.advance(1);
    expect(bench.stream.packets).toHaveLength(7);
    expect(bench.sender.active).toBe(false);
    expect(bench.clock.pending).toBe(0);
  });

  it('never lets two tones overlap, however short the pause is set', () => {
    const bench = new Bench({ minGapMs: 0, minToneMs: 40 });
    bench.press('1', 40, true);
    bench.press('2', 40, true);
    expect(bench.finish().map(({ firstAt }) => firstAt)).toEqual([0, 80]);
  });

  it.each([
    [8000, 8200, 1],
    [8000, 20_000, 2],
    [48_000, 3000, 2],
    [8000, 8191.875, 1],
  ])('splits at 0xFFFF: %d Hz, %d ms', (clockRate, asked, splits) => {
    const bench = new Bench({}, { clockRate, firstTimestamp: 0xffff_0000 });
    bench.press('1', asked, true);
    const [digit] = bench.finish();
    expect(digit!.durationMs).toBe(Math.ceil(asked / 20) * 20);
    const stamps = new Set(bench.stream.packets.map(({ timestamp }) => timestamp));
    expect(stamps.size).toBe(splits + 1);
    const full = bench.stream.packets.filter(({ duration }) => duration === 0xffff);
    expect(full).toHaveLength(splits * 3);
    expect(full.every(({ end, marker }) => !end && !marker)).toBe(true);
  });

  it('refuses digits beyond the queue limit, counts and tells them, and plays the rest', () => {
    let told = 0;
    const bench = new Bench({ queueLimit: 3, onOverflow: () => (told += 1) });
    for (const digit of '123456') bench.press(digit, 80, true);
    bench.update(6, { digit: '6', durationMs: 200, ended: true });
    expect(bench.sender.counters.overflowed).toBe(2);
    expect(told).toBe(2);
    expect(bench.finish().map(({ digit }) => digit)).toEqual(['1', '2', '3', '4']);
    bench.press('7', 80, true);
    expect(bench.finish().map(({ digit }) => digit)).toEqual(['1', '2', '3', '4', '7']);
  });

  it('ignores what is no digit, and events of digits already played', () => {
    const bench = new Bench();
    bench.press('x', 100, true);
    const id = bench.press('a', 100, true);
    bench.clock.advance(1000);
    bench.update(id, { digit: 'a', durationMs: 300, ended: true });
    expect(bench.finish()).toMatchObject([{ digit: 'A', durationMs: 100 }]);
  });

  it('sends nothing after close and leaves no timer', () => {
    const bench = new Bench();
    bench.press('1', 100, true);
    bench.press('2', 100, true);
    bench.clock.advance(30);
    bench.sender.close();
    bench.sender.close();
    bench.press('3', 100, true);
    expect(bench.clock.pending).toBe(0);
    expect(bench.sender.active).toBe(false);
    bench.clock.advance(1000);
    expect(bench.stream.packets).toHaveLength(2);
  });
});
