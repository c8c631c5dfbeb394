import { timestampDelta, type RtpPacket } from './rtp-packet.js';

/** What was seen of one event, packet by packet, before anybody judges it. Units are RTP timestamp units. */
export interface DigitObservation {
  event: number;
  ssrc: number;
  /** Timestamp of the first packet, and of the segment that runs (RFC 4733 section 2.5.1.3). */
  start: number;
  segmentStart: number;
  segments: number;
  firstArrival: number;
  lastArrival: number;
  markerPositions: number[];
  durations: number[];
  /** Position of the first packet with the end bit; -1 before. */
  firstEnd: number;
  /** Arrivals of the packets with the end bit. */
  endArrivals: number[];
  /** Differences of neighbouring sequence numbers, where they are not 1. */
  sequenceJumps: number[];
  movedTimestamps: number;
  updatesAfterEnd: number;
  packetsAfterNextDigit: number;
  badLengths: number;
  reservedBits: number;
  audioDuring: number;
  ssrcChanged: boolean;
  paceErrorMs: number;
  /** How far the start is from where the audio before it calls for; undefined without audio before. */
  startOffUnits: number | undefined;
  startsInsideAudio: boolean;
  resume: { expected: number; actual: number } | undefined;
}

/** The four bytes of RFC 4733 section 2.3. */
export interface EventPayload {
  event: number;
  end: boolean;
  reserved: boolean;
  duration: number;
}

const EVENT_BYTES = 4;

export function readEvent(payload: Buffer): EventPayload | undefined {
  if (payload.length < EVENT_BYTES) return undefined;
  const flags = payload.readUInt8(1);
  return {
    event: payload.readUInt8(0),
    end: (flags & 0x80) !== 0,
    reserved: (flags & 0x40) !== 0,
    duration: payload.readUInt16BE(2),
  };
}

export function newObservation(
  packet: RtpPacket,
  event: number,
  arrival: number,
): DigitObservation {
  return {
    event,
    ssrc: packet.ssrc,
    start: packet.timestamp,
    segmentStart: packet.timestamp,
    segments: 1,
    firstArrival: arrival,
    lastArrival: arrival,
    markerPositions: [],
    durations: [],
    firstEnd: -1,
    endArrivals: [],
    sequenceJumps: [],
    movedTimestamps: 0,
    updatesAfterEnd: 0,
    packetsAfterNextDigit: 0,
    badLengths: 0,
    reservedBits: 0,
    audioDuring: 0,
    ssrcChanged: false,
    paceErrorMs: 0,
    startOffUnits: undefined,
    startsInsideAudio: false,
    resume: undefined,
  };
}

/** Since the start of the event, over all its segments. */
export function elapsedUnits(seen: DigitObservation): number {
  return timestampDelta(seen.segmentStart, seen.start) + (seen.durations.at(-1) ?? 0);
}

export interface EventArrival {
  packet: RtpPacket;
  payload: EventPayload;
  arrival: number;
  clockRate: number;
}

/** Adds one packet that belongs to the event. */
export function addPacket(seen: DigitObservation, added: EventArrival): void {
  const { packet, payload, arrival } = added;
  if (packet.marker) seen.markerPositions.push(seen.durations.length);
  if (packet.payload.length !== EVENT_BYTES) seen.badLengths += 1;
  if (payload.reserved) seen.reservedBits += 1;
  if (seen.endArrivals.length > 0 && !payload.end) seen.updatesAfterEnd += 1;
  const moved = timestampDelta(packet.timestamp, seen.segmentStart);
  if (moved !== 0) {
    if (isNextSegment(seen, packet.timestamp)) seen.segments += 1;
    else seen.movedTimestamps += 1;
    seen.segmentStart = packet.timestamp;
  }
  if (payload.end && seen.firstEnd === -1) seen.firstEnd = seen.durations.length;
  seen.durations.push(payload.duration);
  if (seen.endArrivals.length === 0) notePace(seen, added);
  if (payload.end) seen.endArrivals.push(arrival);
  seen.lastArrival = arrival;
}

/** RFC 4733 section 2.5.1.3: a segment begins where the one before, near the largest duration, ended. */
export function isNextSegment(seen: DigitObservation, timestamp: number): boolean {
  const last = seen.durations.at(-1) ?? 0;
  return last >= 0xf000 && timestampDelta(timestamp, seen.segmentStart) === last;
}

function notePace(seen: DigitObservation, { arrival, clockRate }: EventArrival): void {
  const claimedMs = ((elapsedUnits(seen) - (seen.durations[0] ?? 0)) * 1000) / clockRate;
  const error = Math.abs(claimedMs - (arrival - seen.firstArrival));
  // A timestamp that moves makes the claim meaningless; that is a defect of its own.
  if (seen.movedTimestamps === 0) seen.paceErrorMs = Math.max(seen.paceErrorMs, error);
}
