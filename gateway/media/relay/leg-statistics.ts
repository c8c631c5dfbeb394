import type { LegStatistics } from '../media-engine.js';

/** Of a leg that does not exist yet. */
export function emptyStatistics(): LegStatistics {
  return {
    codec: undefined,
    packetsReceived: 0,
    packetsSent: 0,
    packetsLost: 0,
    packetsRejected: 0,
    jitterMs: 0,
    roundTripMs: undefined,
    digitsReceived: 0,
    digitsSent: 0,
    digitsDropped: 0,
  };
}
