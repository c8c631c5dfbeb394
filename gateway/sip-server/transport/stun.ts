import { isIP } from 'node:net';
import type { NetworkAddress } from './transport.js';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
/** Up to here an attribute must be understood (RFC 5389 section 15). */
const REQUIRED = 0x7fff;
/** USERNAME, MESSAGE-INTEGRITY, REALM, NONCE: without authentication here they say nothing. */
const IGNORED: ReadonlySet<number> = new Set([0x0006, 0x0008, 0x0014, 0x0015]);
const MAX_UNKNOWN = 8;

/** A STUN message (RFC 5389 section 6); no SIP message begins with such a byte (RFC 5626 section 8). */
export function isStun(bytes: Buffer): boolean {
  return (
    bytes.length >= HEADER_BYTES &&
    (bytes[0] ?? 0xff) < 0x40 &&
    bytes.readUInt32BE(4) === MAGIC_COOKIE
  );
}

/**
 * The answer to a keep-alive of RFC 5626 section 4.4.2, a Binding request: the address that it came from. An error
 * response where an attribute is not known that must be; undefined for any other STUN message and for what is broken.
 */
export function stunAnswer(bytes: Buffer, from: NetworkAddress): Buffer | undefined {
  if (bytes.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  if (bytes.readUInt16BE(2) !== bytes.length - HEADER_BYTES) return undefined;
  const unknown = unknownAttributes(bytes);
  if (unknown === undefined) return undefined;
  const transaction = bytes.subarray(4, HEADER_BYTES);
  return unknown.length === 0
    ? message(BINDING_SUCCESS, transaction, [mappedAddress(from, transaction)])
    : message(BINDING_ERROR, transaction, unknownAttributeError(unknown));
}

/** Those that must be understood and are not; undefined when an attribute does not fit the message. */
function unknownAttributes(bytes: Buffer): number[] | undefined {
  const unknown: number[] = [];
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const type = bytes.readUInt16BE(at);
    at += 4 + padded(bytes.readUInt16BE(at + 2));
    if (at > bytes.length) return undefined;
    if (type <= REQUIRED && !IGNORED.has(type) && unknown.length < MAX_UNKNOWN) unknown.push(type);
  }
  return unknown;
}

const padded = (length: number): number => (length + 3) & ~3;

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** RFC 5389 section 15.2: XORed, so that no router on the way rewrites it. `transaction` begins with the cookie. */
function mappedAddress({ host, port }: NetworkAddress, transaction: Buffer): Buffer {
  const address = isIP(host) === 6 ? bytesOfIpv6(host) : Buffer.from(host.split('.').map(Number));
  const value = Buffer.alloc(4 + address.length);
  value[1] = address.length === 4 ? 0x01 : 0x02;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  for (const [index, byte] of address.entries())
    value[4 + index] = byte ^ (transaction[index] ?? 0);
  return attribute(XOR_MAPPED_ADDRESS, value);
}

/** As sockets give it: lower case, at most one `::`, perhaps a zone or an IPv4 tail. */
function bytesOfIpv6(host: string): Buffer {
  const [left = '', right] = host.replace(/%.*$/, '').split('::');
  const head = groupsOf(left);
  const tail = groupsOf(right ?? '');
  const groups = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, index * 2);
  return bytes;
}

function groupsOf(text: string): number[] {
  return text
    .split(':')
    .filter((part) => part !== '')
    .flatMap((part) => {
      if (!part.includes('.')) return [Number.parseInt(part, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      return [a * 256 + b, c * 256 + d];
    });
}

function unknownAttributeError(unknown: readonly number[]): Buffer[] {
  const types = Buffer.alloc(unknown.length * 2);
  for (const [index, type] of unknown.entries()) types.writeUInt16BE(type, index * 2);
  const code = Buffer.concat([Buffer.from([0, 0, 4, 20]), Buffer.from('Unknown Attribute')]);
  return [attribute(ERROR_CODE, code), attribute(UNKNOWN_ATTRIBUTES, types)];
}

function message(type: number, transaction: Buffer, attributes: readonly Buffer[]): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, transaction, body]);
}
