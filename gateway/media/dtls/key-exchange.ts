import {
  createECDH,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { DtlsFailure } from './alerts.js';

/** RFC 8422 section 5.1.1. */
export const GROUPS = { secp256r1: 23, x25519: 29 } as const;
/** Both are constant time in OpenSSL; through node:crypto a handshake with P-256 takes 0.1 ms less. */
export const GROUP_ORDER: readonly number[] = [GROUPS.secp256r1, GROUPS.x25519];

const X25519_BYTES = 32;
/** RFC 8410 section 4: SubjectPublicKeyInfo of an X25519 key, all but the key. */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const P256_POINT_BYTES = 65;
const UNCOMPRESSED = 4;

/** An ephemeral key pair: one per handshake, so that no key of it outlives the call. */
export interface KeyExchange {
  /** As it goes over the wire. */
  publicKey: Buffer;
  /** The premaster secret. @throws DtlsFailure for a key that is none */
  agree(peerKey: Buffer): Buffer;
}

/** Undefined for a group that we do not have. */
export function createKeyExchange(group: number): KeyExchange | undefined {
  if (group === GROUPS.x25519) return x25519();
  return group === GROUPS.secp256r1 ? p256() : undefined;
}

function x25519(): KeyExchange {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    publicKey: spki.subarray(-X25519_BYTES),
    agree(peerKey) {
      if (peerKey.length !== X25519_BYTES) throw invalidKey();
      const secret = attempt(() => diffieHellman({ privateKey, publicKey: x25519Key(peerKey) }));
      // RFC 8422 section 5.11 with RFC 7748 section 6.1: a point of small order. OpenSSL refuses it, too, but does not promise to.
      if (secret.every((byte) => byte === 0)) throw invalidKey();
      return secret;
    },
  };
}

function x25519Key(raw: Buffer): KeyObject {
  const key = Buffer.concat([X25519_SPKI, raw]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function p256(): KeyExchange {
  const ecdh = createECDH('prime256v1');
  return {
    publicKey: ecdh.generateKeys(),
    agree(peerKey) {
      // RFC 8422 section 5.4.1: the only form left. OpenSSL checks that the point is on the curve.
      if (peerKey.length !== P256_POINT_BYTES || peerKey[0] !== UNCOMPRESSED) throw invalidKey();
      return attempt(() => ecdh.computeSecret(peerKey));
    },
  };
}

function attempt(agree: () => Buffer): Buffer {
  try {
    return agree();
  } catch {
    throw invalidKey();
  }
}

function invalidKey(): DtlsFailure {
  return new DtlsFailure('illegal_parameter', "The browser's DTLS key is not one of its curve.");
}
