import type { SrtpSuiteName } from '../media-engine.js';

/**
 * SRTP (RFC 3711, RFC 7714) over node:crypto and the SHA-1 of @noble/hashes. No library on npm does it all: werift-rtp, the only
 * maintained one, has two of the four suites, no replay protection, and a media container library as a dependency.
 */

interface SrtpSuite {
  kind: 'counter' | 'gcm';
  keyBytes: number;
  saltBytes: number;
  /** Of the authentication tag of SRTP; SRTCP has 10 bytes with either suite of HMAC-SHA1. */
  tagBytes: number;
}

export const SRTP_SUITES: Record<SrtpSuiteName, SrtpSuite> = {
  AEAD_AES_256_GCM: { kind: 'gcm', keyBytes: 32, saltBytes: 12, tagBytes: 16 },
  AEAD_AES_128_GCM: { kind: 'gcm', keyBytes: 16, saltBytes: 12, tagBytes: 16 },
  AES_CM_128_HMAC_SHA1_80: { kind: 'counter', keyBytes: 16, saltBytes: 14, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { kind: 'counter', keyBytes: 16, saltBytes: 14, tagBytes: 4 },
};

/** A master key followed by its master salt, for one direction. Secret. */
export interface SrtpKey {
  suite: SrtpSuiteName;
  material: Buffer;
}

export function keyMaterialBytes(suite: SrtpSuiteName): number {
  const { keyBytes, saltBytes } = SRTP_SUITES[suite];
  return keyBytes + saltBytes;
}
