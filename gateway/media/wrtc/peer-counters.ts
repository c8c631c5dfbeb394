/** What libwebrtc counts of the audio with a browser. */
export interface PeerCounters {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  jitterMs: number;
  roundTripMs: number | undefined;
}

export const NO_COUNTERS: PeerCounters = {
  packetsReceived: 0,
  packetsSent: 0,
  packetsLost: 0,
  jitterMs: 0,
  roundTripMs: undefined,
};

/** Reads a W3C statistics report (webrtc-stats): times in it are seconds. */
export function readCounters(report: ReadonlyMap<string, Record<string, unknown>>): PeerCounters {
  const entries = [...report.values()];
  const of = (type: string): Record<string, unknown> =>
    entries.find((entry) => entry['type'] === type) ?? {};
  const [inbound, outbound] = [of('inbound-rtp'), of('outbound-rtp')];
  const roundTrip =
    of('remote-inbound-rtp')['roundTripTime'] ?? of('candidate-pair')['currentRoundTripTime'];
  return {
    packetsReceived: numeric(inbound['packetsReceived']),
    packetsSent: numeric(outbound['packetsSent']),
    packetsLost: Math.max(0, numeric(inbound['packetsLost'])),
    jitterMs: numeric(inbound['jitter']) * 1000,
    roundTripMs: typeof roundTrip === 'number' ? roundTrip * 1000 : undefined,
  };
}

function numeric(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
