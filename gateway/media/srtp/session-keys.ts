import { createCipheriv } from 'node:crypto';
import { SRTP_SUITES, type SrtpKey } from './srtp-suite.js';

/** Labels of RFC 3711 section 4.3.1 and 4.3.2: encryption, authentication, salt. */
const LABELS = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const;
const AUTHENTICATION_KEY_BYTES = 20;
/** What the key derivation works with; the shorter salts of RFC 7714 (section 11) end with zeros. */
const DERIVATION_SALT_BYTES = 14;
const BLOCK_BYTES = 16;

/** The keys that encrypt and authenticate packets. */
export interface SessionKeys {
  encryption: Buffer;
  authentication: Buffer;
  salt: Buffer;
}

export interface TransformKeys {
  rtp: SessionKeys;
  rtcp: SessionKeys;
}

/** RFC 3711 section 4.3, with a key derivation rate of 0. */
export function deriveSessionKeys(key: SrtpKey, use: 'rtp' | 'rtcp'): SessionKeys {
  const { keyBytes, saltBytes } = SRTP_SUITES[key.suite];
  const [encryption, authentication, salt] = LABELS[use];
  return {
    encryption: derive(key, encryption, keyBytes),
    authentication: derive(key, authentication, AUTHENTICATION_KEY_BYTES),
    salt: derive(key, salt, saltBytes),
  };
}

function derive({ suite, material }: SrtpKey, label: number, bytes: number): Buffer {
  const { keyBytes } = SRTP_SUITES[suite];
  const counter = Buffer.alloc(BLOCK_BYTES);
  material.copy(counter, 0, keyBytes);
  const at = DERIVATION_SALT_BYTES - 7;
  counter[at] = (counter[at] ?? 0) ^ label;
  const cipher = createCipheriv(
    keyBytes === 32 ? 'aes-256-ctr' : 'aes-128-ctr',
    material.subarray(0, keyBytes),
    counter,
  );
  return cipher.update(Buffer.alloc(bytes));
}
