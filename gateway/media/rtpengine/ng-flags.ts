import type { LegPolicy } from '../media-engine.js';
import type { BencodeDictionary } from './bencode.js';

/** Names of rtpengine's interfaces (`interface = browser/10.0.0.5; carrier/10.1.0.5`) by side. */
export interface InterfaceNames {
  browser: string;
  carrier: string;
}

/** How rtpengine has to write the SDP for a leg. */
export function legFlags(
  to: LegPolicy,
  { role, digits }: { role: 'offer' | 'answer'; digits: boolean },
): BencodeDictionary {
  // Packets from elsewhere than where the leg was found are dropped, once it was found.
  const flags = ['strict-source', 'generate-RTCP', ...(digits ? ['inject-DTMF'] : [])];
  const common = { replace: ['origin'], flags };
  if (to.kind === 'rtp')
    return {
      ...common,
      'transport-protocol': 'RTP/AVP',
      ICE: 'remove',
      DTLS: 'off',
      'rtcp-mux': ['demux'],
    };
  return {
    ...common,
    'transport-protocol': 'UDP/TLS/RTP/SAVPF',
    ICE: 'force',
    SDES: ['off'],
    'rtcp-mux': role === 'offer' ? ['offer', 'require'] : ['require'],
    // The browser says hello first: an answer of ours waits for it, as an offer lets it (actpass).
    ...(role === 'answer' ? { DTLS: 'passive' } : {}),
  };
}

/**
 * For the first offer: from which of the daemon's interfaces to which it goes, and ICE lite towards browsers
 * (RFC 8445 section 2.5): they reach an address that we told them, so they check and we only answer.
 */
export function callFlags(
  policies: { from: LegPolicy; to: LegPolicy },
  interfaces: InterfaceNames | undefined,
): BencodeDictionary {
  const lite = { 'ICE-lite': policies.to.kind === 'webrtc' ? 'forward' : 'backward' };
  if (interfaces === undefined) return lite;
  const name = ({ kind }: LegPolicy): string =>
    kind === 'webrtc' ? interfaces.browser : interfaces.carrier;
  return { ...lite, direction: [name(policies.from), name(policies.to)] };
}
