import type { CodecName, LegPolicy } from '../media-engine.js';
import { CODEC_TABLE, COMFORT_NOISE } from './codec-table.js';
import type { Direction } from './direction.js';
import type { MediaLine } from './peer-description.js';

/** One telephone-event as we declare it. */
export interface LocalTelephoneEvent {
  payloadType: number;
  clockRate: number;
  events: string;
}

export interface LocalCandidate {
  address: string;
  port: number;
  /** RFC 8445 section 5.1.2.1. */
  priority: number;
}

/** Our side of ICE and DTLS towards a browser. */
export interface LocalWebrtc {
  ufrag: string;
  pwd: string;
  /** `sha-256 AB:CD:...` */
  fingerprint: string;
  setup: 'active' | 'passive' | 'actpass';
  candidates: readonly LocalCandidate[];
  ssrc: number;
}

/** An offer or answer of ours; everything that is not audio is refused. */
export interface LocalDescription {
  sessionId: string;
  /** RFC 3264 section 8: grows by one whenever the text changes. */
  version: number;
  address: string;
  port: number;
  codecs: readonly { codec: CodecName; payloadType: number }[];
  telephoneEvents: readonly LocalTelephoneEvent[];
  comfortNoise: boolean;
  direction: Direction;
  ptimeMs: number;
  webrtc: LocalWebrtc | undefined;
  /** Of a plain leg: RTCP on the next port, that or the same port as the peer likes (in an offer), the same port. */
  rtcp: 'next-port' | 'either' | 'muxed';
  /** Values of a=crypto (RFC 4568). */
  crypto: readonly string[];
  /** The offer's m= lines when this is an answer: all are answered, in order. */
  lines: readonly MediaLine[];
  audioIndex: number;
}

const CNAME = 'copperline';

/** The SDP text (RFC 8866), CRLF after each line. */
export function writeSdp(local: LocalDescription): string {
  const text = [
    'v=0',
    `o=- ${local.sessionId} ${local.version} IN IP4 ${local.address}`,
    's=-',
    `c=IN IP4 ${local.address}`,
    't=0 0',
    ...sessionLines(local),
  ];
  for (const [index, line] of local.lines.entries()) {
    text.push(...(index === local.audioIndex ? audioLines(local, line) : refusedLines(line)));
  }
  return `${text.join('\r\n')}\r\n`;
}

function sessionLines(local: LocalDescription): string[] {
  if (local.webrtc === undefined) return [];
  const mid = local.lines[local.audioIndex]?.mid;
  const bundle = mid === undefined ? [] : [`a=group:BUNDLE ${mid}`];
  // We only answer checks, so the browser always controls (RFC 8445 section 6.1.1).
  return ['a=ice-lite', ...bundle, 'a=msid-semantic: WMS *'];
}

function audioLines(local: LocalDescription, line: MediaLine): string[] {
  const types = [
    ...local.codecs.map((entry) => entry.payloadType),
    ...(local.comfortNoise ? [COMFORT_NOISE] : []),
    ...local.telephoneEvents.map((entry) => entry.payloadType),
  ];
  const lines = [`m=audio ${local.port} ${line.protocol} ${types.join(' ')}`];
  for (const { codec, payloadType } of local.codecs) {
    const { rtpmap, fmtp } = CODEC_TABLE[codec];
    lines.push(`a=rtpmap:${payloadType} ${rtpmap}`);
    if (fmtp !== undefined) lines.push(`a=fmtp:${payloadType} ${fmtp}`);
  }
  if (local.comfortNoise) lines.push(`a=rtpmap:${COMFORT_NOISE} CN/8000`);
  for (const { payloadType, clockRate, events } of local.telephoneEvents) {
    lines.push(`a=rtpmap:${payloadType} telephone-event/${clockRate}`);
    lines.push(`a=fmtp:${payloadType} ${events}`);
  }
  lines.push(`a=ptime:${local.ptimeMs}`, `a=${local.direction}`);
  const mid = line.mid === undefined ? [] : [`a=mid:${line.mid}`];
  const crypto = local.crypto.map((value) => `a=crypto:${value}`);
  if (local.webrtc === undefined) return [...lines, ...crypto, ...rtcpLines(local), ...mid];
  return [...lines, ...mid, ...webrtcLines(local.webrtc)];
}

/** RFC 5761 section 5.1.1: the offer names both, the answer one. */
function rtcpLines({ port, rtcp }: LocalDescription): string[] {
  const own = rtcp === 'muxed' ? [] : [`a=rtcp:${port + 1}`];
  return rtcp === 'next-port' ? own : [...own, 'a=rtcp-mux'];
}

function webrtcLines(webrtc: LocalWebrtc): string[] {
  return [
    'a=rtcp-mux',
    `a=msid:${CNAME} ${CNAME}-audio`,
    `a=ssrc:${webrtc.ssrc} cname:${CNAME}`,
    `a=ice-ufrag:${webrtc.ufrag}`,
    `a=ice-pwd:${webrtc.pwd}`,
    `a=fingerprint:${webrtc.fingerprint}`,
    `a=setup:${webrtc.setup}`,
    ...webrtc.candidates.map(
      ({ address, port, priority }, index) =>
        `a=candidate:${index + 1} 1 udp ${priority} ${address} ${port} typ host`,
    ),
    'a=end-of-candidates',
  ];
}

function refusedLines(line: MediaLine): string[] {
  const mid = line.mid === undefined ? [] : [`a=mid:${line.mid}`];
  return [`m=${line.type} 0 ${line.protocol} ${line.formats}`, ...mid, 'a=inactive'];
}

/** The one m=audio line of an offer of ours. */
export function offeredLine({ kind, srtp }: Pick<LegPolicy, 'kind' | 'srtp'>): MediaLine {
  const webrtc = kind === 'webrtc';
  const plain = srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP';
  return {
    type: 'audio',
    protocol: webrtc ? 'UDP/TLS/RTP/SAVPF' : plain,
    formats: '0',
    mid: webrtc ? '0' : undefined,
  };
}
