import { createHmac } from 'node:crypto';
import { ATTRIBUTE_HEADER_BYTES, HEADER_BYTES, INTEGRITY_BYTES } from './stun-format.js';

/**
 * The value of a MESSAGE-INTEGRITY that begins at `at` (RFC 8489 section 14.5): over all before it, with the length of a message that
 * ends with it. A password of ICE is ASCII, so nothing is to be prepared (RFC 8265).
 */
export function integrityOf(packet: Buffer, at: number, password: string): Buffer {
  const header = Buffer.from(packet.subarray(0, 4));
  header.writeUInt16BE(at + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES - HEADER_BYTES, 2);
  return createHmac('sha1', password).update(header).update(packet.subarray(4, at)).digest();
}
