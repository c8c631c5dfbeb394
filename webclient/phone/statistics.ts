/** One entry of a report; which keys it has depends on its `type` (W3C webrtc-stats). */
export type Stat = Readonly<Record<string, unknown>>;

/** By the `id` of the entries. */
export type Statistics = ReadonlyMap<string, Stat>;

/** The entries of `RTCPeerConnection.getStats()`; TypeScript knows nothing of what is in them. */
export function statisticsOf(report: RTCStatsReport): Statistics {
  return report;
}
