import type { StreamQuality } from '../media-engine.js';
import { meanOpinionScore } from '../rtp/e-model.js';

/** What we send, as the browser says by RTCP that it arrives. */
interface ReportedByPeer {
  packetsLost: number;
  jitterMs: number;
  /** When the report came, ms since 1970. */
  at: number;
  /** That we had sent by then. */
  packetsSent: number;
}

/** What libwebrtc counts of the audio with a browser. */
export interface PeerCounters {
  /** When it was counted, ms since 1970. */
  takenAt: number;
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  jitterMs: number;
  roundTripMs: number | undefined;
  /** Undefined before the first report. */
  reported: ReportedByPeer | undefined;
}

export const NO_COUNTERS: PeerCounters = {
  takenAt: 0,
  packetsReceived: 0,
  packetsSent: 0,
  packetsLost: 0,
  jitterMs: 0,
  roundTripMs: undefined,
  reported: undefined,
};

type Entry = Record<string, unknown>;

/**
 * Reads a W3C statistics report (webrtc-stats): times in it are seconds, timestamps milliseconds.
 * @param before what it said last
 */
export function readCounters(
  report: ReadonlyMap<string, Entry>,
  before: PeerCounters,
): PeerCounters {
  const entries = [...report.values()];
  const find = (type: string): Entry | undefined => entries.find((entry) => entry['type'] === type);
  const [inbound, outbound] = [find('inbound-rtp'), find('outbound-rtp')];
  const remote = find('remote-inbound-rtp');
  const roundTrip = remote?.['roundTripTime'] ?? roundTripOfChecks(entries);
  const sent = {
    takenAt: numeric(outbound?.['timestamp']),
    packetsSent: numeric(outbound?.['packetsSent']),
  };
  return {
    ...sent,
    packetsReceived: numeric(inbound?.['packetsReceived']),
    packetsLost: Math.max(0, numeric(inbound?.['packetsLost'])),
    jitterMs: numeric(inbound?.['jitter']) * 1000,
    roundTripMs: typeof roundTrip === 'number' ? roundTrip * 1000 : undefined,
    reported: remote && reportedBy(remote, before, sent),
  };
}

/** Of ICE, before the first report. */
function roundTripOfChecks(entries: readonly Entry[]): unknown {
  const pairs = entries.filter((entry) => entry['type'] === 'candidate-pair');
  return pairs.map((pair) => pair['currentRoundTripTime']).find((time) => time !== undefined);
}

/** How much had been sent when the report came lies between two looks. */
function reportedBy(
  remote: Entry,
  before: PeerCounters,
  { takenAt, packetsSent }: Pick<PeerCounters, 'takenAt' | 'packetsSent'>,
): ReportedByPeer {
  const at = numeric(remote['timestamp']);
  if (before.reported?.at === at) return before.reported;
  const sinceMs = Math.max(1, takenAt - before.takenAt);
  const share = Math.min(1, Math.max(0, (takenAt - at) / sinceMs));
  return {
    at,
    packetsLost: Math.max(0, numeric(remote['packetsLost'])),
    jitterMs: numeric(remote['jitter']) * 1000,
    packetsSent: Math.round(packetsSent - share * (packetsSent - before.packetsSent)),
  };
}

/** The counters of a connection on top of those of the ones before it. */
export function addCounters(before: PeerCounters, now: PeerCounters): PeerCounters {
  const { reported } = now;
  return {
    takenAt: now.takenAt,
    packetsReceived: before.packetsReceived + now.packetsReceived,
    packetsSent: before.packetsSent + now.packetsSent,
    packetsLost: before.packetsLost + now.packetsLost,
    jitterMs: now.packetsReceived > 0 ? now.jitterMs : before.jitterMs,
    roundTripMs: now.roundTripMs ?? before.roundTripMs,
    reported: reported === undefined ? before.reported : onTopOf(before, reported),
  };
}

/** What a connection sent after its last report stays out: nobody knows what became of it. */
function onTopOf({ reported: before }: PeerCounters, now: ReportedByPeer): ReportedByPeer {
  return {
    ...now,
    packetsLost: (before?.packetsLost ?? 0) + now.packetsLost,
    packetsSent: (before?.packetsSent ?? 0) + now.packetsSent,
  };
}

/** How a browser sounds and what it hears, between two looks at its counters. */
export function qualityBetween(
  before: PeerCounters,
  now: PeerCounters,
): { received: StreamQuality | undefined; sent: StreamQuality | undefined } {
  const roundTripMs = now.roundTripMs ?? 0;
  const rated = (lost: number, expected: number, jitterMs: number): StreamQuality => {
    const share = expected > 0 ? (100 * Math.max(0, lost)) / expected : 0;
    const lossPercent = Math.min(100, share);
    const mos = meanOpinionScore({ lossPercent, jitterMs, roundTripMs });
    return { lossPercent: rounded(lossPercent), jitterMs: rounded(jitterMs), mos: rounded(mos) };
  };
  const packets = now.packetsReceived - before.packetsReceived;
  const missing = Math.max(0, now.packetsLost - before.packetsLost);
  const { reported } = now;
  const isNews = reported !== undefined && reported.at !== before.reported?.at;
  return {
    received: packets > 0 ? rated(missing, packets + missing, now.jitterMs) : undefined,
    sent: isNews
      ? rated(
          reported.packetsLost - (before.reported?.packetsLost ?? 0),
          reported.packetsSent - (before.reported?.packetsSent ?? 0),
          reported.jitterMs,
        )
      : undefined,
  };
}

function numeric(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
