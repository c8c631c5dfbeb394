import type { MediaDescription, SessionDescription } from 'sdp-transform';
import type { DtlsParameters, PeerIce } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';
import { text } from './sdp-text.js';

/** RFC 8839 section 5.4: ice-char. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;
/** Bytes of each hash function that DTLS may name (RFC 8122 section 5), best first. */
const HASH_BYTES: readonly (readonly [string, number])[] = [
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
];

/**
 * The peer's candidates are not read: as an ICE-lite agent (RFC 8445 section 2.5) we check no address that a peer
 * names, its own checks reach us. So mDNS names, trickle and an offer without candidates are all the same.
 */
export function parseIce(sdp: SessionDescription, audio: MediaDescription): PeerIce {
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
  return { ufrag, pwd, lite: sdp.icelite !== undefined };
}

export function parseDtls(sdp: SessionDescription, audio: MediaDescription): DtlsParameters {
  const line = audio.fingerprint ?? sdp.fingerprint;
  if (line === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_FINGERPRINT', 'The SDP has no a=fingerprint line.');
  }
  const type = text(line.type)?.toLowerCase() ?? '';
  const bytes = HASH_BYTES.find(([name]) => name === type)?.[1];
  const hash = text(line.hash)?.toUpperCase() ?? '';
  if (bytes === undefined || !/^([0-9A-F]{2}:)*[0-9A-F]{2}$/.test(hash)) {
    throw sdpError(
      'CL_MEDIA_SDP_NO_FINGERPRINT',
      `The a=fingerprint line with ${quoted(type)} is not one of SHA-256, SHA-384, SHA-512.`,
    );
  }
  if (hash.length !== bytes * 3 - 1) {
    throw sdpError(
      'CL_MEDIA_SDP_NO_FINGERPRINT',
      `The a=fingerprint line does not hold the ${bytes} bytes of ${type}.`,
    );
  }
  return { fingerprint: `${type} ${hash}`, setup: setupOf(text(audio.setup ?? sdp.setup)) };
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
