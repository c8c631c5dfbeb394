import { randomBytes } from 'node:crypto';
import { type LegPolicy, type SrtpSuiteName, SRTP_SUITE_NAMES } from '../media-engine.js';
import { writeCryptoLine, type CryptoLine } from '../sdp/crypto-lines.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import { SrtpReceiver } from '../srtp/srtp-receiver.js';
import { SrtpSender } from '../srtp/srtp-sender.js';
import { keyMaterialBytes } from '../srtp/srtp-suite.js';

/** What protects the packets of a leg, both ways. */
export interface Protection {
  sender: SrtpSender;
  receiver: SrtpReceiver;
}

type SrtpPolicy = Pick<LegPolicy, 'srtp' | 'srtpSuites'>;

/**
 * The keys of one carrier's leg, agreed in its SDP (RFC 4568). Ours stay the same for the whole life of the leg, one for each suite, so
 * that no stream is ever sent anew under an old key; the carrier's may change with each of its SDPs.
 */
export class CarrierCrypto {
  readonly #own = new Map<SrtpSuiteName, { key: CryptoLine['key']; sender: SrtpSender }>();
  #receiver: SrtpReceiver | undefined;
  #receiverKey = '';
  /** Of the answer to the last offer of the carrier. */
  #answered: CryptoLine | undefined;

  /** The lines of an offer of ours; the tags are those of every offer before. */
  offerLines({ srtp, srtpSuites = SRTP_SUITE_NAMES }: SrtpPolicy): string[] {
    if (srtp === undefined || srtp === 'off') return [];
    return srtpSuites.map((suite, index) =>
      writeCryptoLine({ tag: index + 1, key: this.#ownKey(suite).key }),
    );
  }

  /** The line of our answer to the offer that take() was given last. */
  answerLines(): string[] {
    return this.#answered === undefined ? [] : [writeCryptoLine(this.#answered)];
  }

  /**
   * Takes what the carrier's SDP says of keys. Undefined: the packets go without protection.
   * @param isAnswer whether it answers an offer of ours
   * @throws CopperlineError CL_MEDIA_SRTP when the policy and the SDP cannot both be followed
   */
  take(remote: PeerDescription, policy: SrtpPolicy, isAnswer: boolean): Protection | undefined {
    const line = usableLine(remote, policy, isAnswer);
    if (line !== undefined) return this.#agree(line, isAnswer);
    this.#answered = undefined;
    return undefined;
  }

  #agree(line: CryptoLine, isAnswer: boolean): Protection {
    const own = this.#ownKey(line.key.suite);
    this.#answered = isAnswer ? undefined : { tag: line.tag, key: own.key };
    const identity = `${line.key.suite} ${line.key.material.toString('base64')}`;
    if (this.#receiver === undefined || identity !== this.#receiverKey) {
      this.#receiver = new SrtpReceiver(line.key, this.#receiver);
      this.#receiverKey = identity;
    }
    return { sender: own.sender, receiver: this.#receiver };
  }

  #ownKey(suite: SrtpSuiteName): { key: CryptoLine['key']; sender: SrtpSender } {
    const known = this.#own.get(suite);
    if (known !== undefined) return known;
    const key = { suite, material: randomBytes(keyMaterialBytes(suite)) };
    const made = { key, sender: new SrtpSender(key) };
    this.#own.set(suite, made);
    return made;
  }
}

/**
 * Refuses the offer of a carrier whose keys will not do, before anybody is called for it.
 * @throws CopperlineError CL_MEDIA_SRTP
 */
export function checkCrypto(offer: PeerDescription, policy: SrtpPolicy): void {
  usableLine(offer, policy, false);
}

/** The line that both sides can use; undefined: the packets go without protection. */
function usableLine(
  remote: PeerDescription,
  { srtp = 'off', srtpSuites = SRTP_SUITE_NAMES }: SrtpPolicy,
  isAnswer: boolean,
): CryptoLine | undefined {
  const secured = /\/SAVPF?$/.test(remote.lines[remote.audioIndex]?.protocol ?? '');
  if (srtp === 'off') {
    if (secured) throw refused('its audio is RTP/SAVP, and SRTP is off for this side');
    return undefined;
  }
  const line = remote.crypto.find(({ tag, key }) =>
    isAnswer ? srtpSuites[tag - 1] === key.suite : srtpSuites.includes(key.suite),
  );
  if (line !== undefined) return line;
  if (secured || srtp === 'required') throw refused(whyNot(remote, srtpSuites, isAnswer));
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
