import { randomBytes } from 'node:crypto';
import { type LegPolicy, type SrtpSuiteName, SRTP_SUITE_NAMES } from '../media-engine.js';
import { writeCryptoLine, type CryptoLine } from '../sdp/crypto-lines.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { usableCrypto } from '../sdp/usable-crypto.js';
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
    const line = usableCrypto(remote, policy, isAnswer ? isOurs(policy) : undefined);
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
  usableCrypto(offer, policy);
}

/** Whether an answer's line has the tag that the suite has in our offers. */
function isOurs({ srtpSuites = SRTP_SUITE_NAMES }: SrtpPolicy): (line: CryptoLine) => boolean {
  return ({ tag, key }) => srtpSuites[tag - 1] === key.suite;
}
