import type { CodecName } from '../media-engine.js';
import type { PeerDescription, SdpCodec } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';

/**
 * The codecs to offer to one side: its policy's list, in its order, as far as the offerer offers them
 * and the offerer's own policy allows them.
 * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC naming both lists
 */
export function codecsToOffer(
  offer: PeerDescription,
  policies: { from: { codecs: readonly CodecName[] }; to: { codecs: readonly CodecName[] } },
): CodecName[] {
  const offered = offer.codecs.filter(({ codec }) => policies.from.codecs.includes(codec));
  const common = policies.to.codecs.filter((name) => offered.some(({ codec }) => codec === name));
  if (common.length > 0) return common;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: the offer has ${listed(offer.codecNames)}, ` +
      `the other side takes ${listed(policies.to.codecs)}.`,
  );
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

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : quoted(names.join(', ').toLowerCase());
}
