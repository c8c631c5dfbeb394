import type { SrtpSuiteName } from '../media-engine.js';
import { ByteReader, uint16, uint16List, vector8 } from './bytes.js';

/**
 * The protection profiles of use_srtp (RFC 5764 section 4.1.2, RFC 7714 section 14.2) in our order: the first is the one that every browser
 * has and that costs the relay least. SHA1_32 is left out: no browser is without SHA1_80, and its tag is short for nothing.
 */
const PROFILES: readonly { id: number; suite: SrtpSuiteName }[] = [
  { id: 0x0001, suite: 'AES_CM_128_HMAC_SHA1_80' },
  { id: 0x0007, suite: 'AEAD_AES_128_GCM' },
  { id: 0x0008, suite: 'AEAD_AES_256_GCM' },
];

/**
 * What we offer as a client. A server may choose by its own order, and Firefox would take GCM, at twice the cost of a packet to us; every
 * browser has the first (RFC 8827 section 6.5).
 */
const OFFERED = PROFILES.slice(0, 1);

/** What a use_srtp extension holds. */
export interface UseSrtp {
  profiles: number[];
  /** Master key identifier. */
  mki: Buffer;
}

/** @throws MalformedBytes */
export function readUseSrtp(content: Buffer): UseSrtp {
  const reader = new ByteReader(content);
  const profiles = reader.uint16List();
  const mki = reader.vector8();
  reader.end();
  return { profiles, mki };
}

/** As a client, without an MKI. */
export function offerOfSrtp(): Buffer {
  return Buffer.concat([uint16List(OFFERED.map(({ id }) => id)), vector8()]);
}

/** As a server: the suite, and nothing of the MKI that the client may wish (RFC 5764 section 4.1.3). */
export function answerOfSrtp(suite: SrtpSuiteName): Buffer {
  const ids = PROFILES.filter((profile) => profile.suite === suite).map(({ id }) => uint16(id));
  return Buffer.concat([uint16(2), ...ids, vector8()]);
}

/** As a server: the first of ours that is among `profiles`. */
export function chooseSrtp(profiles: readonly number[]): SrtpSuiteName | undefined {
  return PROFILES.find(({ id }) => profiles.includes(id))?.suite;
}

/** As a client: what the server has chosen of our offer. */
export function chosenSrtp(profiles: readonly number[]): SrtpSuiteName | undefined {
  if (profiles.length !== 1) return undefined;
  return OFFERED.find(({ id }) => profiles.includes(id))?.suite;
}
