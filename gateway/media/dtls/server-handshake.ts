import type { KeyObject } from 'node:crypto';
import { ByteReader, uint16, uint16List, uint8, vector16, vector8 } from './bytes.js';
import { HANDSHAKE, type HandshakeMessage, type HandshakeType } from './handshake-message.js';
import {
  HandshakeState,
  unexpected,
  type Handshake,
  type HandshakeOptions,
  type HandshakeStep,
} from './handshake-state.js';
import { readClientHello, writeServerHello } from './hello-messages.js';
import { createKeyExchange, type KeyExchange } from './key-exchange.js';
import { answerHello, SUITES } from './negotiation.js';
import { readPeerKey, writeCertificate } from './peer-certificate.js';
import { DTLS_1_2 } from './record.js';
import { checkSigned, signed, VERIFIED_SCHEMES } from './signatures.js';

const NAMED_CURVE = 3;
/** RFC 8422 section 5.5, RFC 5246 section 7.4.4: ecdsa_sign, rsa_sign. */
const CERTIFICATE_TYPES = vector8(uint8(64), uint8(1));

/**
 * The passive part (RFC 5763 section 5). Sends no HelloVerifyRequest: it costs a round trip and is there against hellos from forged addresses
 * (RFC 6347 section 4.2.1: MAY be left out where that is no issue); ICE has validated this one (RFC 8445 section 7.3).
 */
export class ServerHandshake implements Handshake {
  readonly #options: HandshakeOptions;
  readonly #state = new HandshakeState('server');
  #expected: HandshakeType = HANDSHAKE.clientHello;
  #exchange: KeyExchange | undefined;
  #peerKey: KeyObject | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  receive(message: HandshakeMessage): HandshakeStep {
    if (message.type !== this.#expected) throw unexpected(message.type, this.#expected);
    switch (message.type) {
      case HANDSHAKE.clientHello:
        return this.#takeHello(message);
      case HANDSHAKE.certificate:
        return this.#takeCertificate(message);
      case HANDSHAKE.clientKeyExchange:
        return this.#takeKeyExchange(message);
      case HANDSHAKE.certificateVerify:
        return this.#takeVerify(message);
      default:
        return this.#takeFinished(message);
    }
  }

  #takeHello(message: HandshakeMessage): HandshakeStep {
    const state = this.#state;
    state.incoming(message);
    const hello = readClientHello(message.body);
    const { srtp, group, extensions } = answerHello(hello);
    state.peerRandom = Buffer.from(hello.random);
    state.suite = srtp;
    this.#expected = HANDSHAKE.certificate;
    const ours = { version: DTLS_1_2, random: state.random, suite: SUITES.ecdsa, extensions };
    const { certificate } = this.#options.certificate;
    const flight = [
      state.outgoing(HANDSHAKE.serverHello, writeServerHello(ours)),
      state.outgoing(HANDSHAKE.certificate, writeCertificate(certificate)),
      state.outgoing(HANDSHAKE.serverKeyExchange, this.#keyExchange(group)),
      state.outgoing(HANDSHAKE.certificateRequest, certificateRequest()),
      state.outgoing(HANDSHAKE.serverHelloDone, Buffer.alloc(0)),
    ];
    return { flight };
  }

  /** RFC 8422 section 5.4. */
  #keyExchange(group: number): Buffer {
    this.#exchange = createKeyExchange(group);
    if (this.#exchange === undefined) throw new Error('The group was ours a moment ago.');
    const { publicKey } = this.#exchange;
    const parameters = Buffer.concat([uint8(NAMED_CURVE), uint16(group), vector8(publicKey)]);
    const { client, server } = this.#state.randoms;
    const { privateKey } = this.#options.certificate;
    return Buffer.concat([
      parameters,
      signed(Buffer.concat([client, server, parameters]), privateKey),
    ]);
  }

  #takeCertificate(message: HandshakeMessage): HandshakeStep {
    this.#state.incoming(message);
    this.#peerKey = readPeerKey(message.body, this.#options.remoteFingerprint);
    this.#expected = HANDSHAKE.clientKeyExchange;
    return {};
  }

  #takeKeyExchange(message: HandshakeMessage): HandshakeStep {
    this.#state.incoming(message);
    const reader = new ByteReader(message.body);
    const publicKey = reader.vector8();
    reader.end();
    if (this.#exchange === undefined) throw new Error('There is no key of ours yet.');
    const keys = this.#state.deriveKeys(this.#exchange.agree(publicKey));
    this.#exchange = undefined;
    this.#expected = HANDSHAKE.certificateVerify;
    return { keys };
  }

  /** RFC 5246 section 7.4.8: over all messages before it. */
  #takeVerify(message: HandshakeMessage): HandshakeStep {
    const data = this.#state.transcript;
    if (this.#peerKey === undefined) throw new Error('There is no certificate yet.');
    checkSigned(new ByteReader(message.body), {
      ...{ data, key: this.#peerKey },
      what: 'CertificateVerify',
    });
    this.#state.incoming(message);
    this.#expected = HANDSHAKE.finished;
    return {};
  }

  #takeFinished(message: HandshakeMessage): HandshakeStep {
    this.#state.checkFinished(message);
    const flight = ['ChangeCipherSpec' as const, this.#state.finished()];
    return { flight, connected: this.#state.srtpKeys() };
  }
}

/** RFC 5246 section 7.4.4, of any authority. */
function certificateRequest(): Buffer {
  return Buffer.concat([CERTIFICATE_TYPES, uint16List(VERIFIED_SCHEMES), vector16()]);
}
