import { uint16, uint24, uint8 } from './bytes.js';

/** RFC 5246 section 7.4, RFC 6347 section 4.3.2. */
export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

export type HandshakeType = (typeof HANDSHAKE)[keyof typeof HANDSHAKE];

const NAMES = new Map<number, string>(
  Object.entries(HANDSHAKE).map(([name, type]) => [
    type,
    name.charAt(0).toUpperCase() + name.slice(1),
  ]),
);

export const HANDSHAKE_HEADER_BYTES = 12;

/** A whole message. */
export interface HandshakeMessage {
  type: number;
  /** message_seq. */
  sequence: number;
  body: Buffer;
}

/** A part of a message, or all of it. */
export interface HandshakeFragment {
  type: number;
  sequence: number;
  /** Of the whole message. */
  length: number;
  offset: number;
  bytes: Buffer;
}

/** By its name in the RFC. */
export function messageName(type: number): string {
  return NAMES.get(type) ?? `message ${type}`;
}

/** RFC 6347 section 4.2.2: the bytes from `offset` to `end` of a message, with the header of a fragment. */
export function encodeFragment(message: HandshakeMessage, offset: number, end: number): Buffer {
  return Buffer.concat([
    uint8(message.type),
    uint24(message.body.length),
    uint16(message.sequence),
    uint24(offset),
    uint24(end - offset),
    message.body.subarray(offset, end),
  ]);
}

/** RFC 6347 section 4.2.6: what is hashed and signed is the message as if it had come in one fragment. */
export function encodeMessage(message: HandshakeMessage): Buffer {
  return encodeFragment(message, 0, message.body.length);
}

/** The fragments of a record, which may hold several (RFC 6347 section 4.2.3); what is none ends the reading. */
export function readFragments(content: Buffer): HandshakeFragment[] {
  const fragments: HandshakeFragment[] = [];
  let at = 0;
  while (content.length - at >= HANDSHAKE_HEADER_BYTES) {
    const length = content.readUIntBE(at + 1, 3);
    const offset = content.readUIntBE(at + 6, 3);
    const start = at + HANDSHAKE_HEADER_BYTES;
    const end = start + content.readUIntBE(at + 9, 3);
    if (end > content.length || offset + end - start > length) break;
    fragments.push({
      type: content.readUInt8(at),
      sequence: content.readUInt16BE(at + 4),
      ...{ length, offset },
      bytes: content.subarray(start, end),
    });
    at = end;
  }
  return fragments;
}
