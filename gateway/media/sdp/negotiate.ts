import type { CodecName, LegPolicy } from '../media-engine.js';
import { CODEC_TABLE } from './codec-table.js';
import type { PeerDescription, SdpCodec } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';

/** The part of an SDP that says what its writer speaks. */
type SpokenCodecs = Pick<PeerDescription, 'codecs' | 'codecNames'>;

/** What a leg that has sent no SDP yet may come to speak. */
export function anythingOf({ codecs }: Pick<LegPolicy, 'codecs'>): SpokenCodecs {
  const known = codecs.map((codec) => ({ codec, payloadType: CODEC_TABLE[codec].payloadType }));
  return { codecs: known, codecNames: [...codecs] };
}

/** What negotiation needs to know of the two legs of an offer. */
export interface NegotiatingPolicies {
  from: Pick<LegPolicy, 'kind' | 'codecs' | 'media'>;
  to: Pick<LegPolicy, 'kind' | 'codecs' | 'media'>;
}

/**
 * The codecs to offer to one side: its policy's list in its order, those first that the offerer offers too and
 * that therefore need no transcoding.
 * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC naming both lists
 */
export function codecsToOffer(offer: SpokenCodecs, policies: NegotiatingPolicies): CodecName[] {
  const { from, to } = policies;
  if (from.codecs.length === 0 || to.codecs.length === 0 || usable(offer, from).length === 0) {
    throw sdpError(
      'CL_MEDIA_NO_COMMON_CODEC',
      `No codec in common: the offer has ${listed(offer.codecNames)}, ` +
        `of which none is one of ${listed(from.codecs)}; the other side takes ${listed(to.codecs)}.`,
    );
  }
  const offered = usable(offer, from).map(({ codec }) => codec);
  const first = opusFor(policies, 'to') ? (['opus'] as const) : offered;
  const isFirst = (codec: CodecName): boolean => first.some((other) => other === codec);
  return [...to.codecs.filter(isFirst), ...to.codecs.filter((codec) => !isFirst(codec))];
}

/**
 * The codec that an answer chose: its first one that was offered (RFC 3264 section 6.1).
 * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC naming both lists
 */
export function codecOfAnswer(answer: PeerDescription, offered: readonly CodecName[]): SdpCodec {
  const chosen = answer.codecs.find(({ codec }) => offered.includes(codec));
  if (chosen !== undefined) return chosen;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: we offered ${listed(offered)}, the answer has ${listed(answer.codecNames)}.`,
  );
}

/**
 * The codec to answer the offerer with, of those that it offered: the one that the other side chose; else the
 * other law of G.711, which costs next to nothing to convert; else the offerer's favourite.
 */
export function codecForOfferer(
  offer: PeerDescription,
  chosen: CodecName,
  policies: NegotiatingPolicies,
): CodecName {
  const codecs = usable(offer, policies.from).map(({ codec }) => codec);
  const wanted = opusFor(policies, 'from') ? (['opus', chosen] as const) : [chosen];
  const found = [...wanted, otherLaw(chosen)].find(
    (codec) => codec !== undefined && codecs.includes(codec),
  );
  return found ?? codecs[0] ?? chosen;
}

/**
 * The codec to answer an offer with that goes no further: the offerer's favourite.
 * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC naming both lists
 */
export function favouriteCodec(offer: PeerDescription, policy: LegPolicy): CodecName {
  const [first] = usable(offer, policy);
  if (first !== undefined) return first.codec;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: the offer has ${listed(offer.codecNames)}, of which none is one of ${listed(policy.codecs)}.`,
  );
}

function usable(offer: SpokenCodecs, policy: { codecs: readonly CodecName[] }): SdpCodec[] {
  return offer.codecs.filter(({ codec }) => policy.codecs.includes(codec));
}

/** Whether that leg is a browser to be spoken to in Opus, whatever the other leg speaks. */
export function opusFor(policies: NegotiatingPolicies, leg: 'from' | 'to'): boolean {
  const asked = [policies.from.media, policies.to.media].includes('opus-to-browser');
  return asked && policies[leg].kind === 'webrtc' && policies[leg].codecs.includes('opus');
}

/** Whether comfort noise is offered beside one of these codecs: to a browser only what the other leg offers. */
export function noiseToOffer(
  offer: PeerDescription,
  { from, to }: { from: LegPolicy; to: LegPolicy },
  codecs: readonly CodecName[],
): boolean {
  const wanted = to.kind === 'rtp' ? to.comfortNoise : offer.comfortNoise && from.comfortNoise;
  return wanted === true && codecs.some(isG711);
}

/**
 * Whether comfort noise may be accepted from the offerer beside a codec.
 * @param other the leg that has answered
 */
export function noiseToAnswer(
  { from, to }: { from: LegPolicy; to: LegPolicy },
  codec: CodecName,
  other: { agreement: { comfortNoise: boolean } | undefined } | undefined,
): boolean {
  const agreed = other?.agreement?.comfortNoise === true && to.comfortNoise;
  const wanted = from.kind === 'rtp' ? from.comfortNoise : agreed;
  return wanted === true && isG711(codec);
}

export function isG711(codec: CodecName): codec is 'pcmu' | 'pcma' {
  return codec === 'pcmu' || codec === 'pcma';
}

function otherLaw(codec: CodecName): CodecName | undefined {
  if (codec === 'pcmu') return 'pcma';
  return codec === 'pcma' ? 'pcmu' : undefined;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : quoted(names.join(', ').toLowerCase());
}
