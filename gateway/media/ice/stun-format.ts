/** The wire format of STUN (RFC 8489 sections 5 and 14), as far as connectivity checks use it. */

export const HEADER_BYTES = 20;
export const MAGIC_COOKIE = 0x2112a442;
/** Where the transaction id stands; with the cookie before it, it is what addresses are XORed with. */
export const TRANSACTION_AT = 8;
/** Type and length of an attribute. */
export const ATTRIBUTE_HEADER_BYTES = 4;
export const INTEGRITY_BYTES = 20;
export const FINGERPRINT_BYTES = 4;
/** "STUN" in ASCII (RFC 8489 section 14.7). */
export const FINGERPRINT_XOR = 0x5354554e;

/** Method Binding with each class. */
export const BINDING = {
  request: 0x0001,
  indication: 0x0011,
  success: 0x0101,
  error: 0x0111,
} as const;

export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Attributes below this must be understood by who gets them (RFC 8489 section 14). */
export const FIRST_OPTIONAL = 0x8000;

/** Values are padded to whole words. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
