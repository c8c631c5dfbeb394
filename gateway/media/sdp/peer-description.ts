import type { OfferedTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import type { CodecName } from '../media-engine.js';
import type { CryptoLine } from './crypto-lines.js';
import type { Direction } from './direction.js';

/** A codec that we know, under the payload type that the SDP gives it. */
export interface SdpCodec {
  codec: CodecName;
  payloadType: number;
}

/** RFC 8122 and RFC 8842: who the peer is in DTLS, and who speaks first. */
export interface DtlsParameters {
  /** `sha-256 AB:CD:...`, as in the SDP. */
  fingerprint: string;
  setup: 'active' | 'passive' | 'actpass';
}

export interface IceParameters {
  ufrag: string;
  pwd: string;
}

/** How a WebRTC peer does ICE. */
export interface PeerIce extends IceParameters {
  /** It answers checks and makes none itself (RFC 8445 section 2.5). */
  lite: boolean;
}

/** One m= line, for answering all of them in order (RFC 3264 section 6). */
export interface MediaLine {
  type: string;
  protocol: string;
  /** The formats as text, at least one. */
  formats: string;
  mid: string | undefined;
}

/** What a peer's SDP says about the one audio stream that we take. */
export interface PeerDescription {
  /** Known codecs in the peer's order. */
  codecs: SdpCodec[];
  /** Encoding names of all its formats but telephone-event, for sentences. */
  codecNames: string[];
  telephoneEvents: OfferedTelephoneEvent[];
  /** Comfort noise of 8000 Hz under its own number, 13 (RFC 3389 section 4). */
  comfortNoise: boolean;
  direction: Direction;
  /** The packet time that the peer asks for, ms, when it is one that we can make (RFC 8866 section 6.4). */
  ptimeMs: number | undefined;
  /** From the c= line: where a plain RTP peer listens. */
  address: string;
  port: number;
  rtcpPort: number;
  /** a=rtcp-mux (RFC 5761). */
  rtcpMux: boolean;
  /** Only for WebRTC peers. */
  ice: PeerIce | undefined;
  dtls: DtlsParameters | undefined;
  /** The a=crypto lines of a plain peer that we can use, and how many it has in all. */
  crypto: CryptoLine[];
  cryptoLines: number;
  lines: MediaLine[];
  /** Index of the audio line in `lines`. */
  audioIndex: number;
}
