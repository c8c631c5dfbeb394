import { fingerprintOf, type StunMessage } from './stun-message.js';
import { integrityOf } from './stun-integrity.js';
import {
  ATTRIBUTE,
  ATTRIBUTE_HEADER_BYTES,
  BINDING,
  FINGERPRINT_BYTES,
  HEADER_BYTES,
  INTEGRITY_BYTES,
  MAGIC_COOKIE,
  padded,
  TRANSACTION_AT,
} from './stun-format.js';

/** An IPv4 address and a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Whom an answer goes to, and under which password. */
export interface ResponseContext {
  request: StunMessage;
  from: Endpoint;
  password: string;
}

const IPV4_FAMILY = 1;
/** What an error answer says; texts of RFC 8489 section 14.8 and RFC 8445 section 16.2. */
const REASONS = {
  400: 'Bad Request',
  401: 'Unauthorized',
  420: 'Unknown Attribute',
  487: 'Role Conflict',
} as const;

export type StunErrorCode = keyof typeof REASONS;

/** The request was good: tells where it came from. */
export function bindingSuccess({ request, from, password }: ResponseContext): Buffer {
  const attributes = [attribute(ATTRIBUTE.xorMappedAddress, xorMappedAddress(from))];
  return response(BINDING.success, { request, password, attributes });
}

export function bindingError(
  { request, password }: ResponseContext,
  code: StunErrorCode,
  unknown: readonly number[] = [],
): Buffer {
  const hundreds = Math.floor(code / 100);
  const head = Buffer.of(0, 0, hundreds, code - hundreds * 100);
  const reason = Buffer.concat([head, Buffer.from(REASONS[code])]);
  const attributes = [attribute(ATTRIBUTE.errorCode, reason)];
  if (code === 420) attributes.push(attribute(ATTRIBUTE.unknownAttributes, typeList(unknown)));
  return response(BINDING.error, { request, password, attributes });
}

/** RFC 8489 section 14.2, of IPv4: our socket has no other. */
function xorMappedAddress({ address, port }: Endpoint): Buffer {
  const value = Buffer.alloc(8);
  value[1] = IPV4_FAMILY;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  const bytes = address.split('.').map(Number);
  for (let index = 0; index < 4; index += 1)
    value[4 + index] = (bytes[index] ?? 0) ^ (MAGIC_COOKIE >>> (24 - index * 8));
  return value;
}

function typeList(types: readonly number[]): Buffer {
  const value = Buffer.alloc(types.length * 2);
  for (const [index, type] of types.entries()) value.writeUInt16BE(type, index * 2);
  return value;
}

function attribute(type: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + padded(value.length));
  whole.writeUInt16BE(type, 0);
  whole.writeUInt16BE(value.length, 2);
  value.copy(whole, ATTRIBUTE_HEADER_BYTES);
  return whole;
}

function response(
  type: number,
  made: { request: StunMessage; password: string; attributes: readonly Buffer[] },
): Buffer {
  const before = made.attributes.reduce((sum, { length }) => sum + length, HEADER_BYTES);
  const integrityAt = before;
  const fingerprintAt = integrityAt + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES;
  const packet = Buffer.alloc(fingerprintAt + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES);
  packet.writeUInt16BE(type, 0);
  packet.writeUInt16BE(packet.length - HEADER_BYTES, 2);
  packet.writeUInt32BE(MAGIC_COOKIE, 4);
  made.request.packet.copy(packet, TRANSACTION_AT, TRANSACTION_AT, HEADER_BYTES);
  let at = HEADER_BYTES;
  for (const each of made.attributes) at += each.copy(packet, at);
  packet.writeUInt16BE(ATTRIBUTE.messageIntegrity, integrityAt);
  packet.writeUInt16BE(INTEGRITY_BYTES, integrityAt + 2);
  integrityOf(packet, integrityAt, made.password).copy(packet, integrityAt + 4);
  packet.writeUInt16BE(ATTRIBUTE.fingerprint, fingerprintAt);
  packet.writeUInt16BE(FINGERPRINT_BYTES, fingerprintAt + 2);
  packet.writeUInt32BE(fingerprintOf(packet, fingerprintAt), fingerprintAt + 4);
  return packet;
}
