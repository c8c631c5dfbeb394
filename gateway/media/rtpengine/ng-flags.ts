import { type LegPolicy, SRTP_SUITE_NAMES } from '../media-engine.js';
import type { BencodeDictionary } from './bencode.js';

/** Names of rtpengine's interfaces (`interface = browser/10.0.0.5; carrier/10.1.0.5`) by side. */
export interface InterfaceNames {
  browser: string;
  carrier: string;
}

/** Those of RFC 4568 and RFC 6188 that rtpengine would offer by itself. */
const OTHER_SUITES = ['AES_192_CM_HMAC_SHA1_80', 'AES_192_CM_HMAC_SHA1_32'].concat(
  ['AES_256_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'],
  ['F8_128_HMAC_SHA1_80', 'F8_128_HMAC_SHA1_32', 'NULL_HMAC_SHA1_80', 'NULL_HMAC_SHA1_32'],
);

interface FlagsOptions {
  role: 'offer' | 'answer';
  /** Whether digits of ours can be put into the audio. */
  digits: boolean;
  /** The leg that the SDP came from. */
  other: LegPolicy;
  /** Whether this leg keeps its ports although the other one has others. */
  inPlace?: boolean | undefined;
}

/** How rtpengine has to write the SDP for a leg. */
export function legFlags(
  to: LegPolicy,
  { role, digits, other, inPlace }: FlagsOptions,
): BencodeDictionary {
  // Packets from elsewhere than where the leg was found are dropped, once it was found.
  const flags = ['strict-source', 'generate-RTCP'];
  if (digits) flags.push('inject-DTMF');
  if (inPlace === true) flags.push('port-latching');
  const common = { replace: ['origin'], flags };
  if (to.kind === 'rtp') return { ...common, ...trunkFlags(to, role), ICE: 'remove', DTLS: 'off' };
  const acceptsMux = other.kind === 'rtp' && other.rtcpMux !== true ? ['reject'] : ['accept'];
  return {
    ...common,
    'transport-protocol': 'UDP/TLS/RTP/SAVPF',
    ICE: 'force',
    SDES: ['off'],
    'rtcp-mux': role === 'offer' ? ['offer', 'require', ...acceptsMux] : ['require'],
    // A trunk's SRTP that was offered beside plain RTP (RFC 8643).
    ...(other.srtp === 'offered' ? { OSRTP: ['accept'] } : {}),
    // The browser says hello first: an answer of ours waits for it, as an offer lets it (actpass).
    ...(role === 'answer' ? { DTLS: 'passive' } : {}),
  };
}

/** SRTP with keys in the SDP, and RTCP on the port of RTP, as a trunk's policy says. */
function trunkFlags(
  { srtp = 'off', srtpSuites = SRTP_SUITE_NAMES, rtcpMux }: LegPolicy,
  role: FlagsOptions['role'],
): BencodeDictionary {
  const unwanted = SRTP_SUITE_NAMES.filter((suite) => !srtpSuites.includes(suite));
  const suites = [...unwanted, ...OTHER_SUITES].map((suite) => `no-${suite}`);
  return {
    'transport-protocol': srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP',
    ...(srtp === 'off' ? { SDES: ['off'] } : { SDES: suites }),
    ...(srtp === 'offered' && role === 'offer' ? { OSRTP: ['offer'] } : {}),
    'rtcp-mux': [rtcpMux === true ? 'accept' : 'demux'],
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
