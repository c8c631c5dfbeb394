import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SrtpSuiteName } from '../media-engine.js';
import type { SrtpKey } from '../srtp/srtp-suite.js';
import { DtlsFailure } from './alerts.js';
import type { Flight, FlightPart } from './flight-datagrams.js';
import {
  encodeMessage,
  HANDSHAKE,
  messageName,
  type HandshakeMessage,
  type HandshakeType,
} from './handshake-message.js';
import { RANDOM_BYTES } from './hello-messages.js';
import {
  extendedMasterSecret,
  recordKeys,
  srtpKeys,
  verifyData,
  type DtlsRole,
} from './key-schedule.js';
import type { Epoch, RecordKeys } from './record-layer.js';
import type { DtlsCertificate } from './self-signed-certificate.js';

export interface HandshakeOptions {
  certificate: DtlsCertificate;
  remoteFingerprint: string;
}

/** What a message of the peer leads to. */
export interface HandshakeStep {
  /** The keys of epoch 1. */
  keys?: RecordKeys;
  flight?: Flight;
  /** The handshake is over. */
  connected?: { local: SrtpKey; remote: SrtpKey };
}

/** One of the two parts in a handshake. Is given whole messages in their order, and never a Finished that was not protected. */
export interface Handshake {
  /** @throws DtlsFailure, MalformedBytes: the handshake is over */
  receive(message: HandshakeMessage): HandshakeStep;
}

/** What both parts gather: the transcript, the randoms and the secret. */
export class HandshakeState {
  readonly random = randomBytes(RANDOM_BYTES);
  peerRandom: Buffer = Buffer.alloc(0);
  /** Set with the hello of the server. */
  suite: SrtpSuiteName = 'AES_CM_128_HMAC_SHA1_80';
  readonly #role: DtlsRole;
  readonly #peerRole: DtlsRole;
  #transcript: Buffer[] = [];
  #nextSequence = 0;
  #masterSecret: Buffer = Buffer.alloc(0);

  constructor(role: DtlsRole) {
    this.#role = role;
    this.#peerRole = role === 'client' ? 'server' : 'client';
  }

  /** All messages so far (RFC 5246 section 7.4.8). */
  get transcript(): Buffer {
    return Buffer.concat(this.#transcript);
  }

  get randoms(): { client: Buffer; server: Buffer } {
    const [client, server] =
      this.#role === 'client' ? [this.random, this.peerRandom] : [this.peerRandom, this.random];
    return { client, server };
  }

  /** A message of ours. */
  outgoing(type: HandshakeType, body: Buffer, epoch: Epoch = 0): FlightPart {
    const message = { type, sequence: this.#nextSequence++, body };
    this.#transcript.push(encodeMessage(message));
    return { message, epoch };
  }

  /** A message of the peer. */
  incoming(message: HandshakeMessage): void {
    this.#transcript.push(encodeMessage(message));
  }

  /** RFC 6347 section 4.2.1: a HelloVerifyRequest and the hello before it are not hashed. */
  forgetHello(): void {
    this.#transcript = [];
  }

  /** With the ClientKeyExchange in the transcript (RFC 7627 section 3). */
  deriveKeys(premasterSecret: Buffer): RecordKeys {
    this.#masterSecret = extendedMasterSecret(premasterSecret, this.#hash());
    const keys = recordKeys(this.#masterSecret, this.randoms);
    return { local: keys[this.#role], remote: keys[this.#peerRole] };
  }

  finished(): FlightPart {
    const body = verifyData(this.#masterSecret, this.#role, this.#hash());
    return this.outgoing(HANDSHAKE.finished, body, 1);
  }

  /** @throws DtlsFailure when the peer's transcript or secret is another than ours */
  checkFinished(message: HandshakeMessage): void {
    const expected = verifyData(this.#masterSecret, this.#peerRole, this.#hash());
    const { body } = message;
    if (body.length !== expected.length || !timingSafeEqual(body, expected))
      throw new DtlsFailure(
        'decrypt_error',
        "The browser's DTLS Finished does not go with the messages that we exchanged.",
      );
    this.incoming(message);
  }

  srtpKeys(): { local: SrtpKey; remote: SrtpKey } {
    const keys = srtpKeys(this.#masterSecret, this.randoms, this.suite);
    return { local: keys[this.#role], remote: keys[this.#peerRole] };
  }

  #hash(): Buffer {
    return createHash('sha256').update(this.transcript).digest();
  }
}

/** Messages come in turn here (see Reassembly): one out of place is no accident of the network. */
export function unexpected(type: number, expected: HandshakeType): DtlsFailure {
  return new DtlsFailure(
    'unexpected_message',
    `The browser sent the DTLS message ${messageName(type)} where ${messageName(expected)} belongs.`,
  );
}
