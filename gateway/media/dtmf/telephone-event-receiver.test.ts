import { describe, expect, it } from 'vitest';
import { ReceiverBench, tone, type Row } from '../../../test/support/dtmf/receiver-bench.js';

describe('TelephoneEventReceiver', () => {
  it('tells a digit as it goes: start, growth, one end', () => {
    const bench = new ReceiverBench().play(tone(5, 60, [1, 0]));
    expect(bench.events.map(({ durationMs, ended }) => [durationMs, ended])).toEqual([
      [20, false],
      [40, false],
      [60, true],
    ]);
    expect(new Set(bench.events.map(({ startedAt }) => startedAt))).toEqual(new Set([20]));
  });

  it('ends a digit 400 ms after its last packet, not sooner', () => {
    const bench = new ReceiverBench().play(tone(5, 100, [1, 0]).slice(0, 3));
    bench.clock.advance(399);
    expect(bench.receiver.active).toBe(true);
    bench.clock.advance(1);
    expect(bench.events.at(-1)).toMatchObject({ ended: true, durationMs: 60 });
  });

  it('hears a long press whole when the network stands still in the middle of it', () => {
    const rows = tone(5, 1000, [1, 0]);
    const stalled = rows.map((row, index): Row => {
      if (index === 10) return [320, row[1], row[2], row[3], row[4], row[5]];
      return index > 10 && index < 26 ? [0, row[1], row[2], row[3], row[4], row[5]] : row;
    });
    expect(new ReceiverBench().play(stalled).finish()).toEqual(['5:1000']);
  });

  it('ends a digit early when audio follows, but not while a sender interleaves both', () => {
    const bench = new ReceiverBench().play(tone(5, 100, [1, 0]).slice(0, 1));
    bench.clock.advance(20);
    bench.receiver.audioArrived(2, bench.clock.monotonic());
    bench.play([[20, 3, 0, 5, '', 320]]);
    for (const step of [4, 5, 6]) {
      bench.clock.advance(20);
      bench.receiver.audioArrived(step, bench.clock.monotonic());
    }
    expect(bench.receiver.active).toBe(true);
    bench.clock.advance(20);
    bench.receiver.audioArrived(2, bench.clock.monotonic());
    expect(bench.receiver.active).toBe(true);
    bench.receiver.audioArrived(7, bench.clock.monotonic());
    expect(bench.finish()).toEqual(['5:40']);
  });

  it('reads durations in the declared clock: libwebrtc Opus with telephone-event/8000', () => {
    // 400 ms asked: four packets of 20 ms frames, counted in 48 kHz units (DTMF over Opus, Firefox).
    const bench = new ReceiverBench(8000, { timestampClockRate: 48_000 });
    const rows: Row[] = [960, 1920, 2880].map((units, index) => [
      20,
      index + 1,
      0,
      5,
      index === 0 ? 'M' : '',
      units,
    ]);
    bench.play([...rows, [20, 4, 0, 5, 'E', 3840], [0, 5, 0, 5, 'E', 3840]]);
    expect(bench.finish()).toEqual(['5:480']);
  });

  it('reads durations in the timestamp clock when told so', () => {
    const bench = new ReceiverBench(8000, {
      timestampClockRate: 48_000,
      durationClock: 'timestamp',
    });
    expect(bench.play([[0, 1, 0, 5, 'E', 4800]]).finish()).toEqual(['5:100']);
  });

  it('continues the second segment where libwebrtc puts it: at its next frame', () => {
    const bench = new ReceiverBench(48_000);
    bench.play([
      [0, 1, 0, 5, 'M', 65_280],
      [20, 2, 0, 5, '', 0xffff],
      [20, 3, 66_240, 5, '', 960],
      [20, 4, 66_240, 5, 'E', 30_720],
    ]);
    expect(bench.finish()).toEqual(['5:2020']);
  });

  it('takes packed events one after the other and a copied block once (RFC 4733 2.5.1.5)', () => {
    const bench = new ReceiverBench();
    bench.raw([1, 0x8a, 1, 0x90, 1, 0x8a, 1, 0x90], { sequence: 1, timestamp: 0 });
    bench.raw([1, 0x8a, 1, 0x90, 2, 0x0a, 0, 160], { sequence: 2, timestamp: 0 });
    bench.play([[20, 3, 400, 2, 'E', 320]]);
    expect(bench.finish()).toEqual(['1:50', '2:40']);
  });

  it('refuses payloads that are cut off, empty or absurdly long, and counts them', () => {
    const bench = new ReceiverBench();
    for (const length of [0, 1, 3, 5, 36, 1200])
      bench.raw(Array<number>(length).fill(1), { sequence: length, timestamp: 0 });
    bench.receiver.receive({
      buffer: new Uint8Array(4),
      offset: 2,
      length: 4,
      timestamp: 0,
      sequence: 1,
      ssrc: 1,
      marker: true,
      eventClockRate: 8000,
      now: 0,
    });
    expect(bench.finish()).toEqual([]);
    expect(bench.receiver.counters).toEqual({
      digits: 0,
      flashes: 0,
      ignoredEvents: 0,
      refused: 7,
      late: 0,
      flooded: 0,
    });
  });

  it('counts digits, flashes, ignored events, refused and late blocks', () => {
    const bench = new ReceiverBench().play([
      ...tone(1, 60, [1, 0]),
      [20, 20, 3000, 17, 'M', 160],
      [20, 21, 3000, 1, 'M', 0],
      [20, 22, 4000, 16, 'ME', 800],
      [0, 23, 4000, 16, 'E', 800],
    ]);
    expect(bench.finish()).toEqual(['1:60', 'R:100']);
    expect(bench.receiver.counters).toEqual({
      digits: 2,
      flashes: 1,
      ignoredEvents: 1,
      refused: 1,
      late: 3,
      flooded: 0,
    });
  });

  it('does not let a flood of digits through, and hears real ones again soon after', () => {
    const bench = new ReceiverBench();
    for (let packet = 0; packet < 2000; packet += 1)
      bench.play([[1, packet, packet * 8000, packet % 16, 'ME', 800]]);
    const { digits, flooded } = bench.receiver.counters;
    expect(digits).toBeLessThanOrEqual(42 + 2 * 28);
    expect(digits + flooded).toBe(2000);
    bench.clock.advance(100);
    bench.play(tone(5, 100, [5000, 0]));
    expect(bench.finish().at(-1)).toBe('5:100');
  });

  it('takes three seconds of fast dialling that a network delivers at once', () => {
    const bench = new ReceiverBench();
    for (let digit = 0; digit < 42; digit += 1)
      bench.play([[0, digit * 5, digit * 560, digit % 16, 'E', 320]]);
    expect(bench.finish()).toHaveLength(42);
  });

  it('leaves no timer behind on close, and hears nothing afterwards', () => {
    const bench = new ReceiverBench().play(tone(1, 100, [1, 0]).slice(0, 2));
    expect(bench.clock.pending).toBe(1);
    bench.receiver.close();
    bench.receiver.close();
    expect(bench.clock.pending).toBe(0);
    bench.play(tone(2, 60, [50, 9000]));
    expect(bench.events.filter(({ ended }) => ended)).toEqual([]);
  });

  it('takes ids from outside when several sources share one sender', () => {
    let id = 40;
    const bench = new ReceiverBench(8000, { nextId: () => (id += 2) });
    bench.play([...tone(1, 60, [1, 0]), ...tone(2, 60, [9, 1040])]);
    expect(new Set(bench.events.map((event) => event.id))).toEqual(new Set([42, 44]));
  });
});
