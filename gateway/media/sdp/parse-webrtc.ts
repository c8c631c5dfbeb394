import type { MediaDescription, SessionDescription } from 'sdp-transform';
import type { Fingerprint } from './fingerprint-lines.js';
import type { DtlsParameters, PeerIce } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';
import { text } from './sdp-text.js';

/** RFC 8839 section 5.4: ice-char. */
const UFRAG = /^[A-Za-z0-9+/]{4,256}$/;
const PWD = /^[A-Za-z0-9+/]{22,256}$/;
/** Bytes of each hash function that DTLS may name (RFC 8122 section 5), strongest first. */
const HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ['sha-512', 64],
  ['sha-384', 48],
  ['sha-256', 32],
]);

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

/**
 * A peer may name its certificate by several hash functions: the strongest that we know is held against it
 * (RFC 8122 section 5).
 * @param lines its a=fingerprint lines
 */
export function parseDtls(
  sdp: SessionDescription,
  audio: MediaDescription,
  lines: readonly Fingerprint[],
): DtlsParameters {
  const last = lines.at(-1);
  if (last === undefined) {
    throw sdpError('CL_MEDIA_SDP_NO_FINGERPRINT', 'The SDP has no a=fingerprint line.');
  }
  const usable = lines.filter((line) => faultOf(line) === undefined);
  const strongest = [...HASH_BYTES.keys()]
    .map((name) => usable.findLast(({ type }) => type === name))
    .find((line) => line !== undefined);
  const taken = strongest ?? last;
  const fault = faultOf(taken);
  if (fault !== undefined) throw sdpError('CL_MEDIA_SDP_NO_FINGERPRINT', fault);
  const setup = setupOf(text(audio.setup ?? sdp.setup));
  return { fingerprint: `${taken.type} ${taken.hash}`, setup };
}

/** Why nothing can be held against that fingerprint. */
function faultOf({ type, hash }: Fingerprint): string | undefined {
  const bytes = HASH_BYTES.get(type);
  if (bytes === undefined || !/^([0-9A-F]{2}:)*[0-9A-F]{2}$/.test(hash)) {
    return `The a=fingerprint line with ${quoted(type)} is not one of SHA-256, SHA-384, SHA-512.`;
  }
  if (hash.length !== bytes * 3 - 1) {
    return `The a=fingerprint line does not hold the ${bytes} bytes of ${type}.`;
  }
  return undefined;
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
