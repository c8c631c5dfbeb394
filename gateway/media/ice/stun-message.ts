import { timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  ATTRIBUTE,
  ATTRIBUTE_HEADER_BYTES,
  FINGERPRINT_BYTES,
  FINGERPRINT_XOR,
  FIRST_OPTIONAL,
  HEADER_BYTES,
  INTEGRITY_BYTES,
  MAGIC_COOKIE,
  padded,
} from './stun-format.js';
import { integrityOf } from './stun-integrity.js';

/** What a STUN message says; nothing of it is to be believed before hasIntegrity(). */
export interface StunMessage {
  packet: Buffer;
  /** Method and class. */
  type: number;
  username: string | undefined;
  priority: number | undefined;
  useCandidate: boolean;
  /** The sender's part in ICE. */
  role: 'controlling' | 'controlled' | undefined;
  /** Attributes that must be understood and are not. */
  unknown: number[];
  /** Where MESSAGE-INTEGRITY begins; undefined without one. */
  integrityAt: number | undefined;
}

/** No check that we know of has more than a dozen attributes. */
const MAX_ATTRIBUTES = 32;
const TIE_BREAKER_BYTES = 8;
/** RFC 8489 section 14.3: less than 509 bytes. */
const MAX_USERNAME_BYTES = 508;

/**
 * Reads a datagram as STUN. Undefined when it is none, is cut off or has a wrong FINGERPRINT. Of an attribute that comes twice the
 * first counts (RFC 8489 section 14), and nothing that MESSAGE-INTEGRITY does not cover but FINGERPRINT (section 14.5).
 */
export function parseStun(packet: Buffer): StunMessage | undefined {
  if (!hasHeader(packet)) return undefined;
  const message: StunMessage = {
    packet,
    type: packet.readUInt16BE(0),
    ...{ username: undefined, priority: undefined, useCandidate: false, role: undefined },
    ...{ unknown: [], integrityAt: undefined },
  };
  let attributes = 0;
  for (let at = HEADER_BYTES; at < packet.length;) {
    attributes += 1;
    const next = attributeEnd(packet, at);
    if (next === undefined || attributes > MAX_ATTRIBUTES) return undefined;
    if (!readAttribute(message, at)) return undefined;
    at = next;
  }
  return message;
}

/** Whether it was made with this password (RFC 8489 section 9.1.3). */
export function hasIntegrity({ packet, integrityAt }: StunMessage, password: string): boolean {
  if (integrityAt === undefined) return false;
  const at = integrityAt + ATTRIBUTE_HEADER_BYTES;
  const claimed = packet.subarray(at, at + INTEGRITY_BYTES);
  return timingSafeEqual(integrityOf(packet, integrityAt, password), claimed);
}

function hasHeader(packet: Buffer): boolean {
  return (
    packet.length >= HEADER_BYTES &&
    (packet[0] ?? 0xff) < 0x40 &&
    packet.readUInt32BE(4) === MAGIC_COOKIE &&
    packet.length % 4 === 0 &&
    packet.readUInt16BE(2) === packet.length - HEADER_BYTES
  );
}

/** Where the next attribute begins; undefined when this one is cut off. */
function attributeEnd(packet: Buffer, at: number): number | undefined {
  if (at + ATTRIBUTE_HEADER_BYTES > packet.length) return undefined;
  const end = at + ATTRIBUTE_HEADER_BYTES + padded(packet.readUInt16BE(at + 2));
  return end <= packet.length ? end : undefined;
}

/** False when the message is not to be taken any further. */
function readAttribute(message: StunMessage, at: number): boolean {
  const { packet } = message;
  const type = packet.readUInt16BE(at);
  const length = packet.readUInt16BE(at + 2);
  if (type === ATTRIBUTE.fingerprint) return length === FINGERPRINT_BYTES && isLast(packet, at);
  if (message.integrityAt !== undefined) return true;
  const read = READERS.get(type);
  if (read !== undefined) return read(message, at + ATTRIBUTE_HEADER_BYTES, length);
  if (type < FIRST_OPTIONAL && !message.unknown.includes(type)) message.unknown.push(type);
  return true;
}

/** What is done with the value of an attribute, which begins at `at`; false when it cannot be one. */
type Reader = (message: StunMessage, at: number, length: number) => boolean;

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [
    ATTRIBUTE.username,
    (message, at, length) => {
      if (length > MAX_USERNAME_BYTES) return false;
      message.username ??= message.packet.toString('latin1', at, at + length);
      return true;
    },
  ],
  [
    ATTRIBUTE.messageIntegrity,
    (message, at, length) => {
      message.integrityAt = at - ATTRIBUTE_HEADER_BYTES;
      return length === INTEGRITY_BYTES;
    },
  ],
  [
    ATTRIBUTE.priority,
    (message, at, length) => {
      if (length !== 4) return false;
      message.priority ??= message.packet.readUInt32BE(at);
      return true;
    },
  ],
  [
    ATTRIBUTE.useCandidate,
    (message) => {
      message.useCandidate = true;
      return true;
    },
  ],
  [ATTRIBUTE.iceControlling, (message, _at, length) => takeRole(message, 'controlling', length)],
  [ATTRIBUTE.iceControlled, (message, _at, length) => takeRole(message, 'controlled', length)],
]);

function takeRole(
  message: StunMessage,
  role: 'controlling' | 'controlled',
  length: number,
): boolean {
  message.role ??= role;
  return length === TIE_BREAKER_BYTES;
}

/** FINGERPRINT is the last attribute and right (RFC 8489 section 14.7). */
function isLast(packet: Buffer, at: number): boolean {
  const end = at + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES;
  return packet.length === end && fingerprintOf(packet, at) === packet.readUInt32BE(end - 4);
}

/** The value of a FINGERPRINT that begins at `at`. */
export function fingerprintOf(packet: Buffer, at: number): number {
  return (crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0;
}
