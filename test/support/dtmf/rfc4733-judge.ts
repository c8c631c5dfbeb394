import { DIGITS } from '../../../gateway/media/dtmf/digit-event.js';
import type { SentEventPacket } from './event-recorder.js';

export interface JudgedDigit {
  digit: string;
  /** When its first packet and its first end packet were sent, ms. */
  firstAt: number;
  endAt: number;
  timestamp: number;
  durationMs: number;
}

export interface JudgeRules {
  clockRate: number;
  eventClockRate?: number;
  intervalMs: number;
  minToneMs: number;
  minGapMs: number;
  /** Timers may fire late: packets need not keep the raster, but the end packets their spacing. */
  lateTimers?: boolean;
}

/**
 * Reads sent telephone-event packets by the letter of RFC 4733 and throws at the first thing it forbids:
 * markers, timestamps, durations, segments, copies of the end packet and their spacing, pauses.
 */
export function judge(packets: readonly SentEventPacket[], rules: JudgeRules): JudgedDigit[] {
  const digits: JudgedDigit[] = [];
  let rest = packets;
  while (rest.length > 0) {
    const next = rest.findIndex((packet, index) => index > 0 && packet.marker);
    const own = next < 0 ? rest : rest.slice(0, next);
    const digit = judgeDigit(own, rules);
    const before = digits.at(-1);
    if (before !== undefined) judgeGap(before, digit, rules);
    digits.push(digit);
    rest = next < 0 ? [] : rest.slice(next);
  }
  return digits;
}

function fail(rule: string, packet: SentEventPacket): never {
  throw new Error(`${rule}: packet ${JSON.stringify(packet)}`);
}

function judgeDigit(packets: readonly SentEventPacket[], rules: JudgeRules): JudgedDigit {
  const first = packets[0]!;
  if (!first.marker) fail('2.5.1.1: the first packet has the marker', first);
  for (const packet of packets) {
    if (packet.event !== first.event) fail('one event per timestamp', packet);
    if (packet.volume !== 10) fail('volume 10', packet);
    if (packet.duration === 0) fail('2.3.5: no duration of 0', packet);
  }
  judgeSpacing(packets, rules);
  const durationMs = judgeDurations(packets, rules);
  if (durationMs < rules.minToneMs) fail('the shortest tone', first);
  return {
    digit: DIGITS.charAt(first.event),
    firstAt: first.at,
    endAt: judgeEnd(packets).at,
    timestamp: first.timestamp,
    durationMs,
  };
}

/** The digit's length in ms, over all its segments. */
function judgeDurations(packets: readonly SentEventPacket[], rules: JudgeRules): number {
  const eventClockRate = rules.eventClockRate ?? rules.clockRate;
  const segmentStep = Math.round((0xffff * rules.clockRate) / eventClockRate);
  let segment = packets[0]!.timestamp;
  let complete = 0;
  let duration = 0;
  for (const packet of packets) {
    if (packet.timestamp !== segment) {
      if (packet.timestamp !== (segment + segmentStep) >>> 0 || duration !== 0xffff)
        fail('2.5.1.3: a segment begins where the full one before it ends', packet);
      segment = packet.timestamp;
      complete += 0xffff;
      duration = 0;
    }
    if (packet.duration < duration) fail('the duration never shrinks', packet);
    duration = packet.duration;
  }
  return ((complete + duration) * 1000) / eventClockRate;
}

function judgeEnd(packets: readonly SentEventPacket[]): SentEventPacket {
  const ends = packets.filter((packet) => packet.end);
  const last = packets.at(-1)!;
  if (ends.length !== 3 || packets.slice(-3).some((packet) => !packet.end))
    fail('2.5.1.4: three end packets, at the end', last);
  if (ends.some((packet) => packet.duration !== last.duration))
    fail('the end packets are alike', last);
  return ends[0]!;
}

function judgeSpacing(packets: readonly SentEventPacket[], rules: JudgeRules): void {
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (before === undefined) continue;
    const spacing = packet.at - before.at;
    if (rules.lateTimers === true) {
      if (spacing <= 0 || (before.end && spacing < rules.intervalMs - 0.001))
        fail('packets are spread, end packets by an interval at least', packet);
    } else if (Math.abs(spacing - rules.intervalMs) > 0.001)
      fail('one packet per interval', packet);
  }
}

function judgeGap(before: JudgedDigit, digit: JudgedDigit, rules: JudgeRules): void {
  const units = (digit.timestamp - before.timestamp) >>> 0;
  const byTimestamp = (units * 1000) / rules.clockRate - before.durationMs;
  const byClock = digit.firstAt - before.endAt - rules.intervalMs;
  // Timestamps are whole units: one unit at 8000 Hz is 0.125 ms.
  if (byTimestamp < rules.minGapMs - 0.126 || byClock < rules.minGapMs - 0.001)
    throw new Error(`the shortest pause: ${byTimestamp} ms by timestamp, ${byClock} ms by clock`);
}
