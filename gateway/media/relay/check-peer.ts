import type { LegPolicy } from '../media-engine.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import { checkCrypto } from './carrier-crypto.js';

/**
 * Refuses an offer whose maker no way leads to, before anybody is called for it.
 * @throws CopperlineError CL_MEDIA_SRTP, CL_MEDIA_SDP_NO_ICE
 */
export function checkPeer(offer: PeerDescription, policy: LegPolicy): void {
  if (policy.kind === 'rtp') checkCrypto(offer, policy);
  else checkIce(offer);
}

/**
 * RFC 8445 section 6.1.1: two lite agents check nothing, and send to addresses that nobody has validated.
 * @throws CopperlineError CL_MEDIA_SDP_NO_ICE
 */
export function checkIce({ ice }: PeerDescription): void {
  if (ice?.lite === true)
    throw sdpError(
      'CL_MEDIA_SDP_NO_ICE',
      'The SDP says a=ice-lite, as ours does: with neither side checking, ICE finds no path.',
    );
}
