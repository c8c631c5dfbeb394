import type { LegPolicy } from '../media-engine.js';
import { parseSdp } from '../sdp/parse-sdp.js';

type Law = 'pcmu' | 'pcma';

export const LAWS: readonly Law[] = ['pcmu', 'pcma'];

/**
 * How the inner session speaks to a leg: to trunks as they ask for it, and to browsers in G.711, with the tones that NetEq makes of
 * telephone-events as digits (and the other way round).
 */
export function innerPolicy(policy: LegPolicy): LegPolicy {
  if (policy.kind === 'rtp') return { ...policy, media: undefined };
  const { minToneMs, minGapMs, dtmf } = policy;
  return {
    ...{ kind: 'rtp', codecs: LAWS, ptimeMs: 20, comfortNoise: true },
    ...{ dtmf: dtmf === 'info' ? 'info' : 'inband', minToneMs, minGapMs },
  };
}

export function innerPolicies({ from, to }: { from: LegPolicy; to: LegPolicy }): {
  from: LegPolicy;
  to: LegPolicy;
} {
  return { from: innerPolicy(from), to: innerPolicy(to) };
}

/** The first law of G.711 in an SDP that the inner session has for a browser. */
export function lawOf(sdp: string): Law {
  return parseSdp(sdp, 'rtp').codecs[0]?.codec === 'pcma' ? 'pcma' : 'pcmu';
}
