import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform';
import type { LegPolicy } from '../media-engine.js';
import { parseCryptoLines } from './crypto-lines.js';
import { directionOf, sends, type Direction } from './direction.js';
import { fingerprintLines } from './fingerprint-lines.js';
import { parseFormats } from './parse-formats.js';
import { parseDtls, parseIce } from './parse-webrtc.js';
import type { MediaLine, PeerDescription } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';
import { text } from './sdp-text.js';

/** Browsers send up to about 8 KB with video; nothing near this is a real offer. */
const MAX_SDP_CHARACTERS = 64 * 1024;
const MAX_MEDIA_LINES = 32;
const WEBRTC_PROTOCOLS = ['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'RTP/SAVPF'];
/** What all our codecs but Opus can make; see the transcoder for that. */
const PACKET_TIMES_MS = [10, 20, 30, 40, 60];
const USUAL_PACKET_TIME_MS = 20;
const RTP_PROTOCOLS = ['RTP/AVP', 'RTP/AVPF'];
const SRTP_PROTOCOLS = ['RTP/SAVP', 'RTP/SAVPF'];

/**
 * Reads a peer's offer or answer and checks all that we build on.
 * @param srtp whether the audio of a plain peer may be RTP/SAVP; what its keys are worth is judged elsewhere
 * @throws CopperlineError CL_MEDIA_SDP_* with a sentence that names the missing or offending line
 */
export function parseSdp(
  source: string,
  kind: LegPolicy['kind'],
  srtp: LegPolicy['srtp'] = 'off',
): PeerDescription {
  checkLines(source);
  const sdp = parse(source);
  const lines = sdp.media.map(mediaLine);
  if (lines.length > MAX_MEDIA_LINES) {
    throw sdpError('CL_MEDIA_SDP_INVALID', `The SDP has ${lines.length} m= lines.`);
  }
  const audioIndex = sdp.media.findIndex((media) => media.type === 'audio' && media.port !== 0);
  const audio = sdp.media[audioIndex];
  if (audio === undefined) throw noAudio(lines);
  checkProtocol(audio, protocolsOf(kind, srtp));
  const address = connectionAddress(sdp, audio, kind);
  return {
    ...parseFormats(audio),
    direction: directionWithOldHold(audio.direction ?? sdp.direction ?? 'sendrecv', address),
    ptimeMs: packetTime(audio),
    address,
    port: audio.port,
    rtcpPort: audio.rtcp?.port ?? audio.port + 1,
    rtcpMux: audio.rtcpMux !== undefined,
    ...(kind === 'webrtc' ? browserSecurity(source, sdp, audio) : plainSecurity(audio)),
    lines,
    audioIndex,
  };
}

type Security = Pick<PeerDescription, 'ice' | 'dtls' | 'crypto' | 'cryptoLines'>;

function browserSecurity(
  source: string,
  sdp: SessionDescription,
  audio: MediaDescription,
): Security {
  const ice = parseIce(sdp, audio);
  const fingerprints = fingerprintLines(source, sdp.media.indexOf(audio));
  return { ice, dtls: parseDtls(sdp, audio, fingerprints), crypto: [], cryptoLines: 0 };
}

function plainSecurity(audio: MediaDescription): Security {
  const cryptoLines = audio.crypto?.length ?? 0;
  return { ice: undefined, dtls: undefined, crypto: parseCryptoLines(audio), cryptoLines };
}

/** What a=ptime asks for, when we can make it, and not more than a=maxptime (RFC 8866 sections 6.4 and 6.5). */
function packetTime(audio: MediaDescription): number | undefined {
  const longest = audio.maxptime ?? Infinity;
  const wanted = PACKET_TIMES_MS.find((ms) => ms === Number(audio.ptime));
  if (wanted !== undefined && wanted <= longest) return wanted;
  const limited = wanted !== undefined || longest < USUAL_PACKET_TIME_MS;
  return limited ? PACKET_TIMES_MS.findLast((ms) => ms <= longest) : undefined;
}

/** sdp-transform drops what it cannot read; a peer's garbage must be refused, not dropped. */
function checkLines(source: string): void {
  if (source.length > MAX_SDP_CHARACTERS) {
    throw sdpError('CL_MEDIA_SDP_INVALID', `The SDP is ${source.length} characters long.`);
  }
  const lines = source.split(/\r\n|\n|\r/);
  if (lines[0] !== 'v=0') {
    throw sdpError(
      'CL_MEDIA_SDP_INVALID',
      `The SDP begins with ${quoted(lines[0] ?? '')} instead of "v=0".`,
    );
  }
  for (const [index, line] of lines.entries()) {
    if (line !== '' && !/^[a-z]=/.test(line)) {
      throw sdpError(
        'CL_MEDIA_SDP_INVALID',
        `Line ${index + 1} of the SDP, ${quoted(line)}, is no SDP line.`,
      );
    }
    if (line.startsWith('m=') && !/^m=\S+ \d{1,5}(\/\d+)? \S+( \S+)+\s*$/.test(line)) {
      throw sdpError('CL_MEDIA_SDP_INVALID', `The SDP line ${quoted(line)} cannot be read.`);
    }
  }
}

function mediaLine(media: MediaDescription): MediaLine {
  return {
    type: text(media.type) ?? '',
    protocol: text(media.protocol) ?? '',
    formats: text(media.payloads) ?? '0',
    mid: text(media.mid),
  };
}

function noAudio(lines: readonly MediaLine[]): Error {
  const found = lines.map((line) => `m=${line.type}`).join(', ');
  const refused = lines.some((line) => line.type === 'audio');
  if (refused) {
    return sdpError('CL_MEDIA_SDP_NO_AUDIO', 'The m=audio line of the SDP is refused (port 0).');
  }
  return sdpError(
    'CL_MEDIA_SDP_NO_AUDIO',
    `The SDP has no m=audio line (it has ${found === '' ? 'no m= line at all' : quoted(found)}).`,
  );
}

function protocolsOf(kind: LegPolicy['kind'], srtp: LegPolicy['srtp']): string[] {
  if (kind === 'webrtc') return WEBRTC_PROTOCOLS;
  return srtp === 'off' ? RTP_PROTOCOLS : [...RTP_PROTOCOLS, ...SRTP_PROTOCOLS];
}

function checkProtocol(audio: MediaDescription, allowed: readonly string[]): void {
  const protocol = text(audio.protocol) ?? '';
  if (!allowed.includes(protocol)) {
    throw sdpError(
      'CL_MEDIA_SDP_PROTOCOL',
      `The m=audio line asks for ${quoted(protocol)}; this side takes ${allowed.join(', ')}.`,
    );
  }
  if (audio.port > 65_535) {
    throw sdpError('CL_MEDIA_SDP_INVALID', `The m=audio line names port ${audio.port}.`);
  }
}

/** A browser's c= line is a formality (RFC 8829 5.2.1 writes 0.0.0.0); a plain peer's decides. */
function connectionAddress(
  sdp: SessionDescription,
  audio: MediaDescription,
  kind: LegPolicy['kind'],
): string {
  const connection = audio.connection ?? sdp.connection;
  if (kind === 'webrtc') return '';
  if (connection === undefined) {
    throw sdpError('CL_MEDIA_SDP_INVALID', 'The SDP has no c= line for its audio.');
  }
  const address = text(connection.ip) ?? '';
  if (connection.version !== 4 || !isIpv4(address)) {
    throw sdpError(
      'CL_MEDIA_SDP_INVALID',
      `The c= line names ${quoted(address)}, which is not an IPv4 address.`,
    );
  }
  return address;
}

function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

/** RFC 2543 held a call with c=0.0.0.0; RFC 3264 section 8.4 asks to understand it still. */
function directionWithOldHold(direction: Direction, address: string): Direction {
  if (address !== '0.0.0.0') return direction;
  return directionOf({ sends: sends(direction), receives: false });
}
