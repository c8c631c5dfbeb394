/**
 * What the demo carrier says about the telephone-events (RFC 4733) that it received. Times are ms;
 * `timestamp` values are RTP units. The digits themselves are in it: never log a report.
 */
export interface DtmfReport {
  /** SIP Call-ID. */
  callId: string;
  /** The number that was dialled: `700`. */
  dialled: string;
  /** When the digits were complete, ms since the Unix epoch. */
  at: number;
  /** Payload type and clock rate of the telephone-events, as answered. */
  payloadType: number;
  clockRate: number;
  /** In the order of arrival. */
  digits: DigitReport[];
}

export interface DigitReport {
  /** `0`-`9`, `*`, `#`, `A`-`D`; `event-16` and so on for what is no key. */
  digit: string;
  packets: number;
  /** Positions within the event, from 0, of the packets with the marker bit: `[0]` when right. */
  markerPositions: number[];
  timestampConstant: boolean;
  /** Segments of an event longer than 0xFFFF units (RFC 4733 section 2.5.1.3); 1 for all others. */
  segments: number;
  /** Duration of each packet in RTP units, in the order of arrival. */
  durations: number[];
  /** By the negotiated clock. */
  finalDurationMs: number;
  /** Packets with the end bit and the times between their arrivals. */
  endPackets: { count: number; spacingMs: number[] };
  sequenceContiguous: boolean;
  /** Silence since the end of the digit before, by timestamps; undefined for the first one. */
  gapMs: number | undefined;
  /** The largest difference between the time a duration claims and the time of arrival. */
  paceErrorMs: number;
  /** The first audio packet after the event; undefined when none came. */
  audioResume: AudioResume | undefined;
  /** In plain words, empty when the event was sent as RFC 4733 asks: `end-packets: 2`. */
  defects: string[];
}

export interface AudioResume {
  /** RTP timestamp that the time since the event's start calls for. */
  expected: number;
  actual: number;
  /** Positive when the audio's clock ran ahead. */
  offByMs: number;
}

/** What the judge lets pass. Arrival times are those of the event loop, hence the room for jitter. */
export interface JudgeLimits {
  /** Shortest tone and gap that receivers must recognise (ITU-T Q.24). */
  minDurationMs: number;
  minGapMs: number;
  /** Longest time between two updates; RFC 4733 section 2.5.1.2 suggests 50 ms. */
  maxStepMs: number;
  /** End packets that arrive closer than this came as a burst. */
  minEndSpacingMs: number;
  /** Difference between timestamps and arrival times. */
  maxPaceErrorMs: number;
}

export const DEFAULT_LIMITS: JudgeLimits = {
  minDurationMs: 40,
  minGapMs: 40,
  maxStepMs: 60,
  minEndSpacingMs: 5,
  maxPaceErrorMs: 60,
};
