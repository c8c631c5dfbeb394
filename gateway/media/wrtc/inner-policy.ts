import type { LegPolicy } from '../media-engine.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { quoted, sdpError } from '../sdp/sdp-errors.js';

type Law = 'pcmu' | 'pcma';

export const LAWS: readonly Law[] = ['pcmu', 'pcma'];

/**
 * How the inner session speaks to a leg: to trunks G.711 alone, and to browsers as well, whose digits are the tones that
 * NetEq makes of telephone-events (and the other way round).
 */
export function innerPolicy(policy: LegPolicy): LegPolicy {
  if (policy.kind === 'webrtc') {
    const { minToneMs, minGapMs } = policy;
    return { kind: 'rtp', codecs: LAWS, dtmf: 'inband', minToneMs, minGapMs, ptimeMs: 20 };
  }
  const codecs = policy.codecs.filter((codec) => codec === 'pcmu' || codec === 'pcma');
  return { ...policy, codecs, media: undefined };
}

/** @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC */
export function innerPolicies(
  policies: { from: LegPolicy; to: LegPolicy },
  offer: PeerDescription,
): { from: LegPolicy; to: LegPolicy } {
  const inner = { from: innerPolicy(policies.from), to: innerPolicy(policies.to) };
  const leg = (['from', 'to'] as const).find((name) => inner[name].codecs.length === 0);
  if (leg === undefined) return inner;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: the offer has ${quoted(offer.codecNames.join(', ').toLowerCase())}, the trunk takes ` +
      `${quoted(policies[leg].codecs.join(', '))}, and the media engine wrtc speaks G.711 alone to trunks.`,
  );
}

/** The first codec of an SDP of the inner session. */
export function lawOf(sdp: string): Law {
  return parseSdp(sdp, 'rtp').codecs[0]?.codec === 'pcma' ? 'pcma' : 'pcmu';
}
