import type { LegName } from './leg-name.js';

/** How one direction of a leg sounds. */
export interface StreamQuality {
  lossPercent: number;
  /** Interarrival jitter, ms, RFC 3550 A.8; undefined when the engine does not measure it. */
  jitterMs: number | undefined;
  /** Estimated mean opinion score, 1 to 4.5 (ITU-T G.107). */
  mos: number;
}

export interface LegQuality {
  /** What the leg sends, as it arrives at the gateway; undefined when nothing came, or the engine cannot tell. */
  received: StreamQuality | undefined;
  /** What the leg hears from the gateway, as it says in its RTCP reports; undefined without reports. */
  sent: StreamQuality | undefined;
  /** From RTCP, ms. */
  roundTripMs: number | undefined;
  /** One plain sentence when a leg that should send is silent. */
  problem: string | undefined;
}

/** Counters of one leg since the call began. */
export interface LegStatistics {
  codec: string | undefined;
  packetsReceived: number;
  packetsSent: number;
  /** Expected minus received, RFC 3550 A.3; never negative. */
  packetsLost: number;
  /** Packets dropped: not from the leg's source, not readable, not authentic, or of a payload type that was never agreed. */
  packetsRejected: number;
  /** Interarrival jitter, ms, RFC 3550 A.8; undefined when the engine does not measure it. */
  jitterMs: number | undefined;
  /** From RTCP, ms; undefined until the first report came back. */
  roundTripMs: number | undefined;
  digitsReceived: number;
  digitsSent: number;
  /** Digits for this leg that were not sent: it takes no telephone-event, or too many waited. */
  digitsDropped: number;
  /** Over the whole call; undefined when the engine does not measure it. */
  quality?: LegQuality | undefined;
}

export type MediaStatistics = Record<LegName, LegStatistics>;
