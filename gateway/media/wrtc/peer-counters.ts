import type { StreamQuality } from '../media-engine.js';
import { meanOpinionScore } from '../rtp/e-model.js';

/** What libwebrtc counts of the audio with a browser. */
export interface PeerCounters {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  jitterMs: number;
  roundTripMs: number | undefined;
  /** Of what we send, as the browser reports it by RTCP; undefined before its first report. */
  reported: { packetsLost: number; jitterMs: number } | undefined;
}

export const NO_COUNTERS: PeerCounters = {
  packetsReceived: 0,
  packetsSent: 0,
  packetsLost: 0,
  jitterMs: 0,
  roundTripMs: undefined,
  reported: undefined,
};

/** Reads a W3C statistics report (webrtc-stats): times in it are seconds. */
export function readCounters(report: ReadonlyMap<string, Record<string, unknown>>): PeerCounters {
  const entries = [...report.values()];
  const find = (type: string): Record<string, unknown> | undefined =>
    entries.find((entry) => entry['type'] === type);
  const [inbound, outbound] = [find('inbound-rtp'), find('outbound-rtp')];
  const remote = find('remote-inbound-rtp');
  const roundTrip = remote?.['roundTripTime'] ?? find('candidate-pair')?.['currentRoundTripTime'];
  return {
    packetsReceived: numeric(inbound?.['packetsReceived']),
    packetsSent: numeric(outbound?.['packetsSent']),
    packetsLost: Math.max(0, numeric(inbound?.['packetsLost'])),
    jitterMs: numeric(inbound?.['jitter']) * 1000,
    roundTripMs: typeof roundTrip === 'number' ? roundTrip * 1000 : undefined,
    reported: remote && {
      packetsLost: Math.max(0, numeric(remote['packetsLost'])),
      jitterMs: numeric(remote['jitter']) * 1000,
    },
  };
}

/** The counters of a connection on top of those of the ones before it. */
export function addCounters(before: PeerCounters, now: PeerCounters): PeerCounters {
  const [lostBefore, lostNow] = [before.reported?.packetsLost ?? 0, now.reported];
  return {
    packetsReceived: before.packetsReceived + now.packetsReceived,
    packetsSent: before.packetsSent + now.packetsSent,
    packetsLost: before.packetsLost + now.packetsLost,
    jitterMs: now.packetsReceived > 0 ? now.jitterMs : before.jitterMs,
    roundTripMs: now.roundTripMs ?? before.roundTripMs,
    reported:
      lostNow === undefined
        ? before.reported
        : { ...lostNow, packetsLost: lostBefore + lostNow.packetsLost },
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
  const missing = now.packetsLost - before.packetsLost;
  const { reported } = now;
  const isNews = reported !== undefined && reported !== before.reported;
  return {
    received:
      packets > 0 ? rated(missing, packets + Math.max(0, missing), now.jitterMs) : undefined,
    sent: isNews
      ? rated(
          reported.packetsLost - (before.reported?.packetsLost ?? 0),
          now.packetsSent - before.packetsSent,
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
