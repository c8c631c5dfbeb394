import type { LegStatistics } from '../media-engine.js';
import type { MediaLeg } from './media-leg.js';
import type { MediaWatch } from './media-watch.js';

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

export function statisticsOf(leg: MediaLeg | undefined, watch: MediaWatch): LegStatistics {
  if (leg === undefined) return emptyStatistics();
  return {
    codec: leg.agreement?.codec,
    packetsReceived: leg.reception.received,
    packetsSent: leg.stream.packets,
    packetsLost: leg.reception.lost,
    packetsRejected: leg.rejections.count,
    jitterMs: leg.reception.jitterMs,
    roundTripMs: leg.rtcp.roundTripMs,
    digitsReceived: leg.digits.received,
    digitsSent: leg.digits.sent,
    digitsDropped: leg.digits.dropped,
    quality: { ...leg.quality.total(), problem: watch.problemOf(leg) },
  };
}
