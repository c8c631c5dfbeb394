import type { KeyObject } from 'node:crypto';
import { DtlsFailure } from './alerts.js';
import { ByteReader, vector8 } from './bytes.js';
import type { Flight } from './flight-datagrams.js';
import { HANDSHAKE, type HandshakeMessage, type HandshakeType } from './handshake-message.js';
import {
  HandshakeState,
  unexpected,
  type Handshake,
  type HandshakeOptions,
  type HandshakeStep,
} from './handshake-state.js';
import { readHelloVerifyRequest, readServerHello, writeClientHello } from './hello-messages.js';
import { createKeyExchange } from './key-exchange.js';
import { acceptHello, clientExtensions, SUITES } from './negotiation.js';
import { readPeerKey, writeCertificate } from './peer-certificate.js';
import { DTLS_1_2 } from './record.js';
import { checkSigned, signed, SIGNING_SCHEME } from './signatures.js';

const NAMED_CURVE = 3;
/** RFC 8422 section 5.5. */
const ECDSA_SIGN = 64;
/** A server asks once; one that forgot its secret meanwhile asks again. */
const MAX_COOKIES = 3;

/** The active part (RFC 5763 section 5): RFC 5246 section 7.3, with both certificates. */
export class ClientHandshake implements Handshake {
  readonly #options: HandshakeOptions;
  readonly #state = new HandshakeState('client');
  #expected: HandshakeType = HANDSHAKE.serverHello;
  #cookies = 0;
  #suite = 0;
  #peerKey: KeyObject | undefined;
  #ourKey: Buffer | undefined;
  #premasterSecret: Buffer | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** The first flight. RFC 6347 section 4.2.1: with a cookie all else is as before. */
  hello(cookie: Buffer = Buffer.alloc(0)): Flight {
    const body = writeClientHello({
      version: DTLS_1_2,
      random: this.#state.random,
      cookie,
      suites: Object.values(SUITES),
      extensions: clientExtensions(),
    });
    return [this.#state.outgoing(HANDSHAKE.clientHello, body)];
  }

  receive(message: HandshakeMessage): HandshakeStep {
    if (message.type === HANDSHAKE.helloVerifyRequest) return this.#takeCookie(message);
    if (message.type !== this.#expected) throw unexpected(message.type, this.#expected);
    if (message.type === HANDSHAKE.finished) return this.#takeFinished(message);
    this.#state.incoming(message);
    switch (message.type) {
      case HANDSHAKE.serverHello:
        return this.#takeHello(message.body);
      case HANDSHAKE.certificate:
        return this.#takeCertificate(message.body);
      case HANDSHAKE.serverKeyExchange:
        return this.#takeKeyExchange(message.body);
      case HANDSHAKE.certificateRequest:
        return this.#takeCertificateRequest(message.body);
      default:
        return this.#takeHelloDone(message.body);
    }
  }

  #takeCookie({ type, body }: HandshakeMessage): HandshakeStep {
    this.#cookies += 1;
    if (this.#expected !== HANDSHAKE.serverHello || this.#cookies > MAX_COOKIES)
      throw unexpected(type, this.#expected);
    this.#state.forgetHello();
    return { flight: this.hello(readHelloVerifyRequest(body)) };
  }

  #takeHello(body: Buffer): HandshakeStep {
    const hello = readServerHello(body);
    this.#state.suite = acceptHello(hello);
    this.#state.peerRandom = Buffer.from(hello.random);
    this.#suite = hello.suite;
    this.#expected = HANDSHAKE.certificate;
    return {};
  }

  #takeCertificate(body: Buffer): HandshakeStep {
    this.#peerKey = readPeerKey(body, this.#options.remoteFingerprint);
    const wanted = this.#suite === SUITES.ecdsa ? 'ec' : 'rsa';
    if (this.#peerKey.asymmetricKeyType !== wanted)
      throw new DtlsFailure(
        'illegal_parameter',
        "The browser's DTLS certificate does not go with the cipher suite that it chose.",
      );
    this.#expected = HANDSHAKE.serverKeyExchange;
    return {};
  }

  /** RFC 8422 section 5.4. Our key pair is of the curve that the server chose, so it is made only now. */
  #takeKeyExchange(body: Buffer): HandshakeStep {
    const reader = new ByteReader(body);
    const curveType = reader.uint8();
    const group = reader.uint16();
    const publicKey = reader.vector8();
    const { client, server } = this.#state.randoms;
    const parameters = body.subarray(0, body.length - reader.left);
    const data = Buffer.concat([client, server, parameters]);
    if (this.#peerKey === undefined) throw new Error('There is no certificate yet.');
    checkSigned(reader, { data, key: this.#peerKey, what: 'key' });
    const exchange = curveType === NAMED_CURVE ? createKeyExchange(group) : undefined;
    if (exchange === undefined)
      throw new DtlsFailure('illegal_parameter', 'The browser chose a DTLS curve that we lack.');
    this.#ourKey = exchange.publicKey;
    this.#premasterSecret = exchange.agree(publicKey);
    this.#expected = HANDSHAKE.certificateRequest;
    return {};
  }

  /** RFC 5763 section 5 wants both to be asked; which authorities it trusts means nothing here. */
  #takeCertificateRequest(body: Buffer): HandshakeStep {
    const reader = new ByteReader(body);
    const types = reader.vector8();
    const schemes = reader.uint16List();
    reader.vector16();
    reader.end();
    if (!types.includes(ECDSA_SIGN) || !schemes.includes(SIGNING_SCHEME))
      throw new DtlsFailure(
        'handshake_failure',
        'The browser takes no DTLS certificate like ours: ECDSA with P-256 and SHA-256.',
      );
    this.#expected = HANDSHAKE.serverHelloDone;
    return {};
  }

  #takeHelloDone(body: Buffer): HandshakeStep {
    new ByteReader(body).end();
    if (this.#ourKey === undefined || this.#premasterSecret === undefined)
      throw new Error('There is no key exchange yet.');
    const { certificate, privateKey } = this.#options.certificate;
    const state = this.#state;
    const ours = state.outgoing(HANDSHAKE.certificate, writeCertificate(certificate));
    const key = state.outgoing(HANDSHAKE.clientKeyExchange, vector8(this.#ourKey));
    const keys = state.deriveKeys(this.#premasterSecret);
    this.#premasterSecret = undefined;
    const proof = signed(state.transcript, privateKey);
    const verify = state.outgoing(HANDSHAKE.certificateVerify, proof);
    this.#expected = HANDSHAKE.finished;
    return { keys, flight: [ours, key, verify, 'ChangeCipherSpec', state.finished()] };
  }

  #takeFinished(message: HandshakeMessage): HandshakeStep {
    this.#state.checkFinished(message);
    return { connected: this.#state.srtpKeys() };
  }
}
