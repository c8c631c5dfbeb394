import { type LegPolicy, type SrtpSuiteName, SRTP_SUITE_NAMES } from '../media-engine.js';
import type { CryptoLine } from './crypto-lines.js';
import type { PeerDescription } from './peer-description.js';
import { sdpError } from './sdp-errors.js';

/**
 * The a=crypto line of a peer's SDP that both sides can use (RFC 4568); undefined: the packets go without protection.
 * @param answers whether a line of an answer is one that was offered; undefined when the SDP is an offer
 * @throws CopperlineError CL_MEDIA_SRTP when the policy and the SDP cannot both be followed
 */
export function usableCrypto(
  remote: PeerDescription,
  { srtp = 'off', srtpSuites = SRTP_SUITE_NAMES }: Pick<LegPolicy, 'srtp' | 'srtpSuites'>,
  answers?: (line: CryptoLine) => boolean,
): CryptoLine | undefined {
  const secured = /\/SAVPF?$/.test(remote.lines[remote.audioIndex]?.protocol ?? '');
  if (srtp === 'off') {
    if (secured) throw refused('its audio is RTP/SAVP, and SRTP is off for this side');
    return undefined;
  }
  const isUsable = answers ?? (({ key }: CryptoLine) => srtpSuites.includes(key.suite));
  const line = remote.crypto.find(isUsable);
  if (line !== undefined) return line;
  if (secured || srtp === 'required')
    throw refused(whyNot(remote, srtpSuites, answers !== undefined));
  return undefined;
}

function whyNot(
  remote: PeerDescription,
  suites: readonly SrtpSuiteName[],
  isAnswer: boolean,
): string {
  const listed = suites.join(', ');
  if (remote.cryptoLines === 0) return `SRTP is required, and it has no a=crypto line (${listed})`;
  const ours = isAnswer ? 'answers one that was offered' : 'can be used';
  return `none of its ${remote.cryptoLines} a=crypto lines ${ours} (${listed})`;
}

function refused(why: string): Error {
  return sdpError('CL_MEDIA_SRTP', `The SDP was refused: ${why}.`);
}
