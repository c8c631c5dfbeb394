import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventRecorder } from '../../../test/support/dtmf/event-recorder.js';
import {
  sourcePackets,
  type AskedDigit,
  type SourcePacket,
  type SourceStyle,
} from '../../../test/support/dtmf/event-sources.js';
import { transmit, type Arrival, type PacketFate } from '../../../test/support/dtmf/lossy-link.js';
import { judge, type JudgedDigit } from '../../../test/support/dtmf/rfc4733-judge.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { EventPacket } from './event-packet.js';
import { TelephoneEventReceiver } from './telephone-event-receiver.js';
import { TelephoneEventSender } from './telephone-event-sender.js';

/**
 * The flagship's promise as a property: whatever sender, clocks and network a digit string comes
 * through, a strict reader of RFC 4733 behind receiver and sender reads exactly that string.
 */
interface Scenario {
  asked: AskedDigit[];
  style: SourceStyle;
  inClock: 8000 | 48_000;
  outClock: 8000 | 48_000;
  firstTimestamp: number;
  firstSequence: number;
  fates: PacketFate[];
}

/** Less than the shortest pause: beyond that a network reorders digits, not packets. */
const MAX_DELAY_MS = 29;
const MIN_TONE_MS = 65;
const MIN_GAP_MS = 65;

const digits = fc.array(
  fc.record({
    digit: fc.constantFrom('1', '1', '2', '0', '*', '#', 'A', 'D'),
    toneMs: fc.oneof(fc.integer({ min: 40, max: 300 }), fc.constantFrom(100, 1500, 9000)),
    gapMs: fc.integer({ min: 70, max: 300 }),
  }),
  { minLength: 1, maxLength: 12 },
);

const fate: fc.Arbitrary<PacketFate> = fc.record({
  lost: fc.boolean(),
  duplicated: fc.boolean(),
  delayMs: fc.integer({ min: 0, max: MAX_DELAY_MS }),
  duplicateDelayMs: fc.integer({ min: 0, max: MAX_DELAY_MS }),
});

function scenario(fates: fc.Arbitrary<PacketFate[]>): fc.Arbitrary<Scenario> {
  return fc.record({
    asked: digits,
    style: fc.constantFrom<SourceStyle>('rfc', 'libwebrtc', 'libwebrtc-opus-8000', 'asterisk'),
    inClock: fc.constantFrom(8000, 48_000),
    outClock: fc.constantFrom(8000, 48_000),
    firstTimestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    firstSequence: fc.integer({ min: 0, max: 0xffff }),
    fates,
  });
}

/** The burst sender exists with Opus only; Asterisk knows no segments. */
function settle(given: Scenario): Scenario {
  const inClock = given.style === 'libwebrtc-opus-8000' ? 48_000 : given.inClock;
  const longest = given.style === 'asterisk' ? 1300 : 9000;
  const asked = given.asked.map(({ digit, toneMs, gapMs }) => {
    const tone = Math.min(toneMs, longest);
    return { digit, toneMs: tone, gapMs: gapMs + ambiguity(tone + gapMs, inClock) };
  });
  return { ...given, inClock, asked };
}

/**
 * A second press of the same key that begins one segment length after the first cannot be told from the
 * next segment of the first when the end and the marker are lost. Such presses are moved.
 */
function ambiguity(startToStartMs: number, clockRate: number): number {
  const segmentMs = (0xffff * 1000) / clockRate;
  const segments = Math.floor((startToStartMs + 40) / segmentMs);
  const near = startToStartMs - segments * segmentMs < segments * 20;
  return segments > 0 && near ? 40 + segments * 20 : 0;
}

/** Per digit, the greatest length that its packets tell. */
function declaredLengths(packets: readonly SourcePacket[]): number[] {
  const lengths: number[] = [];
  for (const { digitIndex, lengthMs = 0 } of packets)
    if (digitIndex !== undefined)
      lengths[digitIndex] = Math.max(lengths[digitIndex] ?? 0, lengthMs);
  return lengths;
}

function run(given: Scenario, arrivals: readonly Arrival<SourcePacket>[]): JudgedDigit[] {
  const clock = new ManualClock();
  const stream = new EventRecorder(clock, {
    clockRate: given.outClock,
    firstTimestamp: given.firstTimestamp,
  });
  const sender = new TelephoneEventSender({ clock, stream });
  const receiver = new TelephoneEventReceiver({
    clock,
    timestampClockRate: given.inClock,
    onDigit: (event) => {
      sender.accept(event);
    },
  });
  const eventClockRate = given.style === 'libwebrtc-opus-8000' ? 8000 : given.inClock;
  for (const { at, packet } of arrivals) {
    clock.advance(at - clock.monotonic());
    if (packet.event === undefined) receiver.audioArrived(packet.sequence, at);
    else receiver.receive(toEventPacket(packet, eventClockRate, at));
  }
  clock.advance(given.asked.length * 10_000);
  expect(clock.pending).toBe(0);
  expect([receiver.active, sender.active, sender.queued]).toEqual([false, false, 0]);
  return judge(stream.packets, {
    clockRate: given.outClock,
    intervalMs: 20,
    minToneMs: MIN_TONE_MS,
    minGapMs: MIN_GAP_MS,
  });
}

function toEventPacket(packet: SourcePacket, eventClockRate: number, now: number): EventPacket {
  const { event = 0, end = false, duration = 0, timestamp, sequence, marker } = packet;
  const buffer = Uint8Array.of(event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff);
  return {
    buffer,
    offset: 0,
    length: 4,
    timestamp,
    sequence,
    marker,
    ssrc: 7,
    eventClockRate,
    now,
  };
}

/** Gives each digit back one packet when the link lost all of them. */
function keepOneOfEach(
  packets: readonly SourcePacket[],
  fates: readonly PacketFate[],
): PacketFate[] {
  const kept = packets.map((_, index) => ({ ...fates[index % fates.length]! }));
  const indexes = new Map<number, number[]>();
  for (const [index, { digitIndex }] of packets.entries())
    if (digitIndex !== undefined)
      indexes.set(digitIndex, [...(indexes.get(digitIndex) ?? []), index]);
  for (const own of indexes.values())
    if (own.every((index) => kept[index]!.lost))
      kept[own[own.length % 5 === 0 ? 0 : own.length - 1]!]!.lost = false;
  return kept;
}

function dialled(asked: readonly AskedDigit[]): string {
  return asked.map(({ digit }) => digit).join('');
}

describe('receiver and sender together', () => {
  it('pass every digit once and in order through loss, duplicates and reordering', () => {
    const fates = fc.array(fate, { minLength: 1, maxLength: 97 });
    fc.assert(
      fc.property(scenario(fates).map(settle), (given) => {
        const packets = sourcePackets(given.asked, { ...given, clockRate: given.inClock });
        const arrivals = transmit(packets, keepOneOfEach(packets, given.fates));
        const heard = run(given, arrivals);
        expect(heard.map(({ digit }) => digit).join('')).toBe(dialled(given.asked));
        const declared = declaredLengths(packets);
        for (const [index, { durationMs }] of heard.entries())
          expect(durationMs).toBeLessThanOrEqual(Math.max(declared[index]!, MIN_TONE_MS) + 20);
      }),
      { numRuns: 300 },
    );
  });

  it('keep every length to within one interval when an end packet gets through', () => {
    const fates = fc.array(
      fate.map((one) => ({ ...one, lost: false })),
      { minLength: 1, maxLength: 97 },
    );
    fc.assert(
      fc.property(scenario(fates).map(settle), (given) => {
        const packets = sourcePackets(given.asked, { ...given, clockRate: given.inClock });
        const heard = run(given, transmit(packets, given.fates));
        expect(heard.map(({ digit }) => digit).join('')).toBe(dialled(given.asked));
        const declared = declaredLengths(packets);
        for (const [index, { durationMs }] of heard.entries()) {
          const needed = Math.max(declared[index]!, MIN_TONE_MS);
          expect(durationMs).toBeGreaterThanOrEqual(needed - 1e-9);
          expect(durationMs - needed).toBeLessThanOrEqual(20);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each<[SourceStyle, 8000 | 48_000]>([
    ['libwebrtc', 8000],
    ['libwebrtc', 48_000],
    ['rfc', 8000],
    ['asterisk', 48_000],
  ])('reproduce 100/70 ms from %s at %d Hz exactly on a clean link', (style, inClock) => {
    const asked = Array.from('1234567890*#ABCD', (digit) => ({ digit, toneMs: 100, gapMs: 70 }));
    const given: Scenario = {
      asked,
      style,
      inClock,
      outClock: 8000,
      firstTimestamp: 0,
      firstSequence: 0,
      fates: [],
    };
    const packets = sourcePackets(asked, { ...given, clockRate: inClock });
    const heard = run(given, transmit(packets, []));
    expect(heard.map(({ digit }) => digit).join('')).toBe('1234567890*#ABCD');
    expect(new Set(heard.map(({ durationMs }) => durationMs))).toEqual(new Set([100]));
  });
});
