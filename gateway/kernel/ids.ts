import { randomBytes, randomUUID } from 'node:crypto';

/** A random RFC 4122 version 4 UUID. */
export function newUuid(): string {
  return randomUUID();
}

/** A random token of `bytes` bytes of entropy in lower-case hex; safe in SIP tokens, URLs and file names. */
export function newToken(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}
