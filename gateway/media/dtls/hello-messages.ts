import { ByteReader, uint16, uint16List, uint8, vector8 } from './bytes.js';
import { readExtensions, writeExtensions, type Extensions } from './hello-extensions.js';

export const RANDOM_BYTES = 32;
const NO_COMPRESSION = 0;

/** RFC 5246 section 7.4.1.2 with the cookie of RFC 6347 section 4.2.1. */
export interface ClientHello {
  version: number;
  random: Buffer;
  cookie: Buffer;
  suites: readonly number[];
  compressions: Buffer;
  extensions: Extensions;
}

/** RFC 5246 section 7.4.1.3. */
export interface ServerHello {
  version: number;
  random: Buffer;
  suite: number;
  compression: number;
  extensions: Extensions;
}

/** @throws MalformedBytes, DtlsFailure */
export function readClientHello(body: Buffer): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const random = reader.take(RANDOM_BYTES);
  // The session to resume: there is none to be had.
  reader.vector8();
  const cookie = reader.vector8();
  const suites = reader.uint16List();
  const compressions = reader.vector8();
  const extensions = readExtensions(reader);
  reader.end();
  return { version, random, cookie, suites, compressions, extensions };
}

/** Without a session to resume, and without compression (RFC 7525 section 3.3). */
export function writeClientHello(hello: Omit<ClientHello, 'compressions'>): Buffer {
  return Buffer.concat([
    uint16(hello.version),
    hello.random,
    vector8(),
    vector8(hello.cookie),
    uint16List(hello.suites),
    vector8(uint8(NO_COMPRESSION)),
    writeExtensions(hello.extensions),
  ]);
}

/** @throws MalformedBytes, DtlsFailure */
export function readServerHello(body: Buffer): ServerHello {
  const reader = new ByteReader(body);
  const version = reader.uint16();
  const random = reader.take(RANDOM_BYTES);
  // The name under which the session could be resumed.
  reader.vector8();
  const suite = reader.uint16();
  const compression = reader.uint8();
  const extensions = readExtensions(reader);
  reader.end();
  return { version, random, suite, compression, extensions };
}

/** With an empty session id: the session cannot be resumed (RFC 5246 section 7.4.1.3). */
export function writeServerHello(hello: Omit<ServerHello, 'compression'>): Buffer {
  return Buffer.concat([
    uint16(hello.version),
    hello.random,
    vector8(),
    uint16(hello.suite),
    uint8(NO_COMPRESSION),
    writeExtensions(hello.extensions),
  ]);
}

/** The cookie of a HelloVerifyRequest (RFC 6347 section 4.2.1). @throws MalformedBytes */
export function readHelloVerifyRequest(body: Buffer): Buffer {
  const reader = new ByteReader(body);
  reader.uint16();
  const cookie = reader.vector8();
  reader.end();
  return cookie;
}

export function acceptsNoCompression(compressions: Buffer): boolean {
  return compressions.includes(NO_COMPRESSION);
}
