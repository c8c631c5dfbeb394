import { elapsedUnits, type DigitObservation } from './digit-observation.js';
import type { AudioResume, DigitReport, JudgeLimits } from './dtmf-report.js';
import { timestampDelta } from './rtp-packet.js';

export interface VerdictContext {
  /** The digit before, reported or not. */
  previous: DigitObservation | undefined;
  clockRate: number;
  limits: JudgeLimits;
}

const KEYS = '0123456789*#ABCD';

/** RFC 4733 section 3.2, table 3. */
export function digitName(event: number): string {
  return KEYS[event] ?? `event-${event}`;
}

/** Pure: turns what was seen into the report, defects included. */
export function reportDigit(seen: DigitObservation, context: VerdictContext): DigitReport {
  const ms = (units: number): number => round((units * 1000) / context.clockRate);
  const gap = context.previous === undefined ? undefined : ms(gapUnits(context.previous, seen));
  const resume = seen.resume;
  const report: DigitReport = {
    digit: digitName(seen.event),
    packets: seen.durations.length,
    markerPositions: seen.markerPositions,
    timestampConstant: seen.movedTimestamps === 0,
    segments: seen.segments,
    durations: seen.durations,
    finalDurationMs: ms(elapsedUnits(seen)),
    endPackets: { count: seen.endArrivals.length, spacingMs: spacing(seen.endArrivals) },
    sequenceContiguous: seen.sequenceJumps.length === 0,
    gapMs: gap,
    paceErrorMs: round(seen.paceErrorMs),
    audioResume:
      resume === undefined
        ? undefined
        : { ...resume, offByMs: ms(timestampDelta(resume.actual, resume.expected)) },
    defects: [],
  };
  report.defects.push(
    ...markerDefects(report),
    ...durationDefects(seen, context),
    ...endDefects(seen, report, context.limits),
    ...packetDefects(seen),
    ...timingDefects(seen, report, context),
  );
  return report;
}

/** RFC 4733 section 2.2.2: the marker bit is set on the first packet of an event only. */
function markerDefects({ markerPositions }: DigitReport): string[] {
  if (markerPositions.length === 0) return ['marker-missing'];
  const defects: string[] = [];
  if (markerPositions[0] !== 0) defects.push('marker-late');
  if (markerPositions.length > 1) defects.push(`marker-repeated: ${markerPositions.length}`);
  return defects;
}

function durationDefects(seen: DigitObservation, { clockRate, limits }: VerdictContext): string[] {
  const defects: string[] = [];
  const growth = growthOf(seen);
  const toMs = (units: number): number => round((units * 1000) / clockRate);
  if (seen.movedTimestamps > 0) defects.push(`timestamp-moved: ${seen.movedTimestamps}`);
  if (growth.zero) defects.push('duration-zero');
  if (growth.stalled > 0) defects.push(`duration-not-growing: ${growth.stalled}`);
  if (growth.endChanged) defects.push('end-duration-changed');
  if (toMs(growth.largestStep) > limits.maxStepMs) {
    defects.push(`duration-step: ${toMs(growth.largestStep)} ms`);
  }
  const length = toMs(elapsedUnits(seen));
  if (length < limits.minDurationMs) defects.push(`too-short: ${length} ms`);
  return defects;
}

interface Growth {
  zero: boolean;
  stalled: number;
  endChanged: boolean;
  largestStep: number;
}

function growthOf(seen: DigitObservation): Growth {
  const updates = seen.firstEnd === -1 ? seen.durations.length : seen.firstEnd + 1;
  const growth: Growth = { zero: false, stalled: 0, endChanged: false, largestStep: 0 };
  let before = 0;
  seen.durations.forEach((duration, index) => {
    if (duration === 0) growth.zero = true;
    // A new segment starts again from the bottom, and says so by its own timestamp.
    const step = duration < before && seen.segments > 1 ? duration : duration - before;
    if (index >= updates) {
      if (step !== 0) growth.endChanged = true;
    } else if (index > 0 && step <= 0 && !(step === 0 && index === seen.firstEnd)) {
      // A key that is let go at the moment of an update has nothing to add at its end.
      growth.stalled += 1;
    } else growth.largestStep = Math.max(growth.largestStep, step);
    before = duration;
  });
  return growth;
}

/** RFC 4733 section 2.5.1.4: the last packet is sent three times, at the update interval. */
function endDefects(seen: DigitObservation, report: DigitReport, limits: JudgeLimits): string[] {
  const { count, spacingMs } = report.endPackets;
  if (count === 0) return ['end-missing'];
  const defects: string[] = [];
  if (count !== 3) defects.push(`end-packets: ${count}`);
  const closest = Math.min(...spacingMs);
  if (closest < limits.minEndSpacingMs) defects.push(`end-burst: ${closest} ms apart`);
  if (seen.updatesAfterEnd > 0) defects.push(`update-after-end: ${seen.updatesAfterEnd}`);
  return defects;
}

function packetDefects(seen: DigitObservation): string[] {
  const defects: string[] = [];
  for (const jump of seen.sequenceJumps) defects.push(`sequence-jump: ${jump}`);
  if (seen.ssrcChanged) defects.push('ssrc-changed');
  if (seen.badLengths > 0) defects.push(`payload-length: ${seen.badLengths}`);
  if (seen.reservedBits > 0) defects.push(`reserved-bit: ${seen.reservedBits}`);
  if (seen.event > 15) defects.push(`not-a-key: ${seen.event}`);
  if (seen.audioDuring > 0) defects.push(`audio-during-event: ${seen.audioDuring}`);
  if (seen.packetsAfterNextDigit > 0) {
    defects.push(`after-next-digit: ${seen.packetsAfterNextDigit}`);
  }
  return defects;
}

function timingDefects(
  seen: DigitObservation,
  report: DigitReport,
  { clockRate, limits }: VerdictContext,
): string[] {
  const defects: string[] = [];
  const { gapMs, paceErrorMs, audioResume } = report;
  if (gapMs !== undefined && gapMs < 0) defects.push(`overlaps-previous: ${-gapMs} ms`);
  else if (gapMs !== undefined && gapMs < limits.minGapMs)
    defects.push(`gap-too-short: ${gapMs} ms`);
  if (paceErrorMs > limits.maxPaceErrorMs) defects.push(`not-in-real-time: ${paceErrorMs} ms`);
  const startOff = round(((seen.startOffUnits ?? 0) * 1000) / clockRate);
  if (seen.startsInsideAudio) defects.push('starts-inside-audio');
  else if (Math.abs(startOff) > limits.maxPaceErrorMs) {
    defects.push(`start-timestamp: off by ${startOff} ms`);
  }
  return [...defects, ...resumeDefects(seen, audioResume, limits)];
}

function resumeDefects(
  seen: DigitObservation,
  resume: AudioResume | undefined,
  limits: JudgeLimits,
): string[] {
  if (resume === undefined) return [];
  const afterEnd = timestampDelta(resume.actual, seen.start) - elapsedUnits(seen);
  if (afterEnd < 0) return ['audio-overlaps-event'];
  if (Math.abs(resume.offByMs) <= limits.maxPaceErrorMs) return [];
  return [`audio-timestamp: off by ${resume.offByMs} ms`];
}

function gapUnits(previous: DigitObservation, seen: DigitObservation): number {
  return timestampDelta(seen.start, previous.start) - elapsedUnits(previous);
}

function spacing(arrivals: readonly number[]): number[] {
  return arrivals.slice(1).map((at, index) => round(at - (arrivals[index] ?? at)));
}

/** To a tenth of a millisecond. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
