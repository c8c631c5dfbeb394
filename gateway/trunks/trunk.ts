import type { Secret } from '../kernel/secret.js';
import { parseNetwork } from './network-list.js';

/** How a number is written for a carrier; short codes are never changed. */
export type NumberFormat = 'e164' | 'e164-without-plus' | 'as-is';

type TrunkSrtpSuite =
  'AEAD_AES_256_GCM' | 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32';

type TrunkCodec = 'opus' | 'g722' | 'pcmu' | 'pcma';

/**
 * How a trunk is told digits. `rfc4733`: as telephone-events only. `info`: SIP INFO with `application/dtmf-relay`. `info-dtmf`: SIP INFO
 * with `application/dtmf`. `auto`: as telephone-events when its answer takes them, else like `info`.
 * `inband`: as tones in the audio, both ways; for G.711 only.
 */
export type TrunkDtmf = 'rfc4733' | 'info' | 'info-dtmf' | 'inband' | 'auto';

/** A way to the phone network: a carrier, a PBX, a phone. Read from the configuration. */
export interface Trunk {
  /** Unique; the dialplan's routes name it. */
  name: string;
  host: string;
  /** Absent: what DNS says of the host (RFC 3263 section 4.2), else 5060, or 5061 over TLS. */
  port?: number | undefined;
  transport: 'udp' | 'tcp' | 'tls';
  /** Best first. */
  codecs: readonly TrunkCodec[];
  /** `passthrough`: transcode only without a common codec. `opus-to-browser`: Opus to the browser, whatever the trunk speaks. */
  media: 'passthrough' | 'opus-to-browser';
  /** SRTP with keys in the SDP: not at all, beside plain RTP (RFC 8643), or nothing else. */
  srtp: 'off' | 'offered' | 'required';
  /** Best first. */
  srtpSuites: readonly TrunkSrtpSuite[];
  dtmf: TrunkDtmf;
  /** Shortest telephone-event and pause sent to this trunk, ms. */
  minToneMs: number;
  minGapMs: number;
  /** Packet time announced, ms. */
  ptimeMs: number;
  numberFormat: NumberFormat;
  /** A browser's hold: `forward`, as a re-INVITE, or `local`, the carrier hears music and does not know. */
  hold: 'forward' | 'local';
  /** REFER of the carrier: call whom it names, or refuse. */
  transfer: 'follow' | 'refuse';
  /** Provisional responses sent reliably (RFC 3262). */
  reliableProvisionals: 'off' | 'supported' | 'required';
  from: FromPolicy;
  /** For 401/407 challenges to our INVITEs. */
  credentials?: { username: string; password: Secret } | undefined;
  /** Next hop when it is not host:port, as a SIP URI. */
  outboundProxy?: string | undefined;
  /** From the INVITE to the answer, ms; then the call ends as not answered. */
  noAnswerTimeoutMs: number;
  /** From the INVITE to the first 18x, ms; then the next route is tried. 100 does not count. */
  noResponseTimeoutMs: number;
  /** Headers added to every INVITE. */
  headers: Readonly<Record<string, string>>;
  inbound: TrunkInbound;
}

/** Who may call us in the name of a trunk. */
export interface TrunkInbound {
  /** Addresses, networks (CIDR) and host names; undefined: what the trunk's host resolves to. */
  networks?: readonly string[] | undefined;
  /** What an INVITE must authenticate with; without networks it may then come from anywhere. */
  credentials?: { username: string; password: Secret } | undefined;
}

/** What the called party is told about the caller. */
export interface FromPolicy {
  /** User part: the caller's number (their user name without one), or always this. */
  user: 'caller' | { fixed: string };
  /** Domain; the trunk's host when absent. */
  domain?: string | undefined;
  sendDisplayName: boolean;
}

/** The calling user, as far as a carrier may know. */
export interface TrunkCaller {
  user: string;
  displayName: string | undefined;
  /** E.164 with `+`. */
  callerId: string | undefined;
}

export const TRUNK_DEFAULTS = {
  transport: 'udp',
  codecs: ['pcma', 'pcmu'],
  media: 'passthrough',
  srtp: 'off',
  srtpSuites: [
    'AEAD_AES_256_GCM',
    'AEAD_AES_128_GCM',
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
  ],
  dtmf: 'auto',
  minToneMs: 80,
  minGapMs: 60,
  ptimeMs: 20,
  numberFormat: 'e164',
  hold: 'forward',
  transfer: 'refuse',
  reliableProvisionals: 'supported',
  from: { user: 'caller', sendDisplayName: true },
  noAnswerTimeoutMs: 60_000,
  noResponseTimeoutMs: 8_000,
  headers: {},
  inbound: {},
} as const satisfies Partial<Trunk>;

/** The host names and single hosts whose addresses belong to a trunk; networks are not among them. */
export function networkNames({ host, inbound }: Trunk): readonly string[] {
  if (inbound.networks === undefined) return inbound.credentials === undefined ? [host] : [];
  return inbound.networks.filter((entry) => parseNetwork(entry) === undefined);
}
