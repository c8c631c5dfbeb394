import type { Secret } from '../kernel/secret.js';
import { parseNetwork } from './network-list.js';

/**
 * How a number is written for a carrier; short codes are never changed. `e164`: +4930... `e164-without-plus`: 4930... `national`: 030...
 * within the trunk's country, others with its international prefix. `international-00`: 004930... `international-011`: 0114930...
 */
export type NumberFormat =
  'e164' | 'e164-without-plus' | 'national' | 'international-00' | 'international-011' | 'as-is';

/** A header that names the caller beside From: RFC 3325 (PAI, PPI), draft-ietf-sip-privacy (RPID). */
export type IdentityHeader = 'pai' | 'ppi' | 'rpid';

type TrunkSrtpSuite =
  'AEAD_AES_256_GCM' | 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32';

type TrunkCodec = 'opus' | 'g722' | 'pcmu' | 'pcma' | 'l16-8000' | 'l16-16000';

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
  /** Silence as comfort noise beside G.711 (RFC 3389). */
  comfortNoise: boolean;
  /** RTP and RTCP on one port, where the carrier wants it too (RFC 5761). */
  rtcpMux: boolean;
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
  /** The INVITE carries no SDP: the carrier makes the offer (RFC 3261 section 13.2.1). */
  delayedOffer: boolean;
  /** ISO 3166; what `national` is relative to. */
  country?: string | undefined;
  /** Leading digits taken off the written number, after its format. */
  stripDigits: number;
  /** Put before the written number, after all else. */
  techPrefix: string;
  /** `;user=phone` in the request-URI, To and From where they hold a number (RFC 3261 section 19.1.1). */
  userPhone: boolean;
  from: FromPolicy;
  identity: IdentityPolicy;
  registration?: RegistrationPolicy | undefined;
  health: HealthPolicy;
  limits: TrunkLimits;
  /** The share of this trunk among those that a route spreads its calls over. */
  weight: number;
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

/** Who may call us in the name of a trunk, and what it hears then. */
export interface TrunkInbound {
  /** Addresses, networks (CIDR) and host names; undefined: what the trunk's host resolves to. */
  networks?: readonly string[] | undefined;
  /** What an INVITE must authenticate with; without networks it may then come from anywhere. */
  credentials?: { username: string; password: Secret } | undefined;
  /** Who makes the ringback while we ring somebody: the carrier, told by 180, or we, by 183 with SDP. Default `carrier`. */
  ringback?: 'carrier' | 'local';
  /** How long a call that nobody takes hears busy or congestion from us before it is refused. Default 0: not at all. */
  refusalToneSeconds?: number;
  /**
   * What it asserts of its callers counts (RFC 3325 section 5): P-Asserted-Identity before From, and what it says it has verified.
   * Default false.
   */
  trustIdentity?: boolean;
}

/** What the called party is told about the caller. */
export interface FromPolicy {
  /** User part: the caller's number (their user name without one), the credentials' user name, or always this. */
  user: 'caller' | 'account' | { fixed: string };
  /** Of the caller's number; the trunk's own when absent. */
  numberFormat?: NumberFormat | undefined;
  /** Domain; the trunk's host when absent. */
  domain?: string | undefined;
  sendDisplayName: boolean;
}

/** How the caller is named, and hidden, beside From. */
interface IdentityPolicy {
  headers: readonly IdentityHeader[];
  /** Of callers who hide their number. `from`: From is anonymous (RFC 3323), and Privacy: id. `privacy`: only Privacy: id. */
  anonymous: 'from' | 'privacy';
  /** Tells who forwarded the call (RFC 5806). */
  diversion: boolean;
}

/** Outbound REGISTER (RFC 3261 section 10). */
export interface RegistrationPolicy {
  /** SIP URIs; the trunk's own host when empty. */
  registrars: readonly string[];
  /** `in-order`: the first one that takes it. `all`: each of them. */
  mode: 'in-order' | 'all';
  /** Asked for, s. */
  expiresS: number;
  /** The user that is registered; the credentials' user name when absent. */
  user?: string | undefined;
  /** User part of the contact, for registrars that insist on one. */
  contactUser?: string | undefined;
}

/** OPTIONS (RFC 3261 section 11) to learn whether the trunk is there. */
interface HealthPolicy {
  /** 0: none. */
  intervalMs: number;
  timeoutMs: number;
  /** While something is wrong. */
  retryMs: number;
  /** Failures in a row that make the trunk down. */
  failuresToDown: number;
}

/** 0: no limit. Calls in both directions. */
export interface TrunkLimits {
  maxCalls: number;
  callsPerSecond: number;
}

/** RFC 5806 section 7, as far as we forward calls. */
export type DiversionReason =
  'unconditional' | 'no-answer' | 'user-busy' | 'unavailable' | 'deflection';

/** The calling user, as far as a carrier may know. */
export interface TrunkCaller {
  user: string;
  displayName: string | undefined;
  /** E.164 with `+`. */
  callerId: string | undefined;
  /** Hides the number from the called party. */
  anonymous?: boolean | undefined;
  /** Who forwarded the call here: a number, and why (RFC 5806). */
  divertedBy?: { number: string; reason: DiversionReason } | undefined;
}

export const TRUNK_DEFAULTS = {
  transport: 'udp',
  codecs: ['pcma', 'pcmu'],
  media: 'passthrough',
  srtp: 'off',
  rtcpMux: false,
  comfortNoise: false,
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
  delayedOffer: false,
  stripDigits: 0,
  techPrefix: '',
  userPhone: false,
  identity: { headers: [], anonymous: 'from', diversion: false },
  health: { intervalMs: 0, timeoutMs: 5_000, retryMs: 5_000, failuresToDown: 3 },
  limits: { maxCalls: 0, callsPerSecond: 0 },
  weight: 1,
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
