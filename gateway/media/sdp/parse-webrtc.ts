import { isIP } from 'node:net';
import type { MediaDescription, SessionDescription } from 'sdp-transform';
import type { DtlsParameters, IceCandidate, IceParameters } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';

/** RFC 8839 section 5.4: ice-char. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;
/** More than a browser on many networks gathers; each costs connectivity checks. */
const MAX_CANDIDATES = 16;
/** Bytes of each hash function that DTLS may name (RFC 8122 section 5), best first. */
const HASH_BYTES: readonly (readonly [string, number])[] = [
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
];

export function parseIce(sdp: SessionDescription, audio: MediaDescription): IceParameters {
  const ufrag = text(audio.iceUfrag ?? sdp.iceUfrag);
  const pwd = text(audio.icePwd ?? sdp.icePwd);
  if (ufrag === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_ICE', 'The SDP has no a=ice-ufrag line for its audio.');
  }
  if (pwd === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_ICE', 'The SDP has no a=ice-pwd line for its audio.');
  }
  if (!UFRAG.test(ufrag)) {
    throw sdpError('CL_MEDIA_SDP_NO_ICE', `The line a=ice-ufrag:${quoted(ufrag)} is not valid.`);
  }
  if (!PWD.test(pwd)) {
    throw sdpError('CL_MEDIA_SDP_NO_ICE', 'The a=ice-pwd line of the SDP is not valid.');
  }
  if (audio.rtcpMux === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_ICE', 'The SDP has no a=rtcp-mux line for its audio.');
  }
  return { ufrag, pwd, lite: sdp.icelite !== undefined, candidates: candidates(audio) };
}

/** `.local` names (mDNS) and TCP candidates are left out: such a peer's own checks reach us. */
function candidates(audio: MediaDescription): IceCandidate[] {
  const usable: IceCandidate[] = [];
  for (const line of audio.candidates ?? []) {
    const { ip, priority, port } = line;
    const inRange = port > 0 && port <= 65_535 && Number.isInteger(priority) && priority > 0;
    if (line.transport.toLowerCase() !== 'udp' || line.component !== 1) continue;
    if (isIP(ip) === 0 || !inRange || !/^(host|srflx|prflx|relay)$/.test(line.type)) continue;
    usable.push({ foundation: String(usable.length + 1), priority, ip, port, type: line.type });
    if (usable.length === MAX_CANDIDATES) break;
  }
  return usable;
}

export function parseDtls(sdp: SessionDescription, audio: MediaDescription): DtlsParameters {
  const line = audio.fingerprint ?? sdp.fingerprint;
  if (line === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_FINGERPRINT', 'The SDP has no a=fingerprint line.');
  }
  const type = line.type.toLowerCase();
  const bytes = HASH_BYTES.find(([name]) => name === type)?.[1];
  const hash = line.hash.toUpperCase();
  if (bytes === undefined || !/^([0-9A-F]{2}:)*[0-9A-F]{2}$/.test(hash)) {
    throw sdpError(
      'CL_MEDIA_SDP_NO_FINGERPRINT',
      `The a=fingerprint line with ${quoted(line.type)} is not one of SHA-256, SHA-384, SHA-512.`,
    );
  }
  if (hash.length !== bytes * 3 - 1) {
    throw sdpError(
      'CL_MEDIA_SDP_NO_FINGERPRINT',
      `The a=fingerprint line does not hold the ${bytes} bytes of ${type}.`,
    );
  }
  return { fingerprint: `${type} ${hash}`, setup: setupOf(audio.setup ?? sdp.setup) };
}

function setupOf(value: string | undefined): DtlsParameters['setup'] {
  if (value === 'active' || value === 'passive' || value === 'actpass') return value;
  throw sdpError(
    'CL_MEDIA_SDP_NO_FINGERPRINT',
    value === undefined
      ? 'The SDP has no a=setup line for its audio.'
      : `The line a=setup:${quoted(value)} is none of active, passive, actpass.`,
  );
}

/** sdp-transform turns text of digits into numbers. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
