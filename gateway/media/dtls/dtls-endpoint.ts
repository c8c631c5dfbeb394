import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { SrtpKey } from '../srtp/srtp-suite.js';
import { alertBody, DtlsFailure, parseAlert, type AlertName } from './alerts.js';
import { MalformedBytes } from './bytes.js';
import { ClientHandshake } from './client-handshake.js';
import { FlightSender } from './flight-sender.js';
import {
  HANDSHAKE,
  messageName,
  readFragments,
  type HandshakeFragment,
  type HandshakeMessage,
} from './handshake-message.js';
import type { Handshake, HandshakeStep } from './handshake-state.js';
import { Reassembly } from './reassembly.js';
import { RecordLayer, type Epoch } from './record-layer.js';
import { CONTENT, readRecords, type DtlsRecord } from './record.js';
import type { DtlsCertificate } from './self-signed-certificate.js';
import { ServerHandshake } from './server-handshake.js';

export interface DtlsOptions {
  role: 'client' | 'server';
  certificate: DtlsCertificate;
  /** Value of the peer's a=fingerprint: `sha-256 AB:CD:...`; SHA-256, -384, -512. */
  remoteFingerprint: string;
  /** Retransmission timers. */
  clock: Clock;
  handlers: DtlsHandlers;
}

interface DtlsHandlers {
  /** One datagram (one or more records) for the peer. */
  send(datagram: Buffer): void;
  /** Both sides have proved who they are: what is sent and what is received is protected with these. */
  onConnected(keys: { local: SrtpKey; remote: SrtpKey }): void;
  /** CL_MEDIA_TRANSPORT_FAILED with a sentence that names the deciding fact. */
  onFailed(error: CopperlineError): void;
  /** The peer's close_notify. */
  onClosed(): void;
}

/** From the first datagram, sent or received: a browser that is there needs a second on the worst of networks. */
const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Records of epoch 1 that overtook what they need: a Finished, perhaps twice, and an alert. */
const MAX_EARLY_RECORDS = 4;
/** After the handshake only a Finished that comes again (73 bytes) and alerts are of use; nothing longer is decrypted. */
const MAX_PROTECTED_BYTES = 256;

/**
 * DTLS 1.2 (RFC 6347) for the keys of SRTP (RFC 5764) and nothing else: full handshakes with both certificates, no data, no renegotiation,
 * no resumption. Without a socket of its own: whose datagrams these are, ICE has found out.
 */
export class DtlsEndpoint {
  readonly #options: DtlsOptions;
  readonly #layer: RecordLayer;
  readonly #sender: FlightSender;
  readonly #reassembly = new Reassembly();
  /** With the master secret; let go of as soon as it is over. */
  #handshake: ClientHandshake | ServerHandshake | undefined;
  #state: 'handshake' | 'connected' | 'ended' = 'handshake';
  #deadline: Timer | undefined;
  /** The peer has said that what follows is protected. */
  #cipherChanged = false;
  #early: DtlsRecord[] = [];
  /** message_seq of the last message that led to a flight of ours. */
  #answered = -1;
  #heard = false;

  constructor(options: DtlsOptions) {
    this.#options = options;
    this.#handshake =
      options.role === 'client' ? new ClientHandshake(options) : new ServerHandshake(options);
    this.#layer = new RecordLayer(options.role);
    this.#sender = new FlightSender({
      ...{ clock: options.clock, layer: this.#layer },
      send: (datagram) => {
        this.#send(datagram);
      },
    });
  }

  /** Client: sends the first flight. Server: waits. */
  start(): void {
    if (!(this.#handshake instanceof ClientHandshake)) return;
    this.#startDeadline();
    this.#sender.send(this.#handshake.hello());
  }

  /** One datagram of the peer. Never throws. */
  receive(datagram: Buffer): void {
    if (this.#state === 'ended') return;
    try {
      for (const record of readRecords(datagram)) {
        this.#takeRecord(record);
        this.#advance();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends close_notify when connected; ends all timers. */
  close(): void {
    if (this.#state === 'connected') this.#sendAlert('close_notify');
    this.#end();
  }

  #takeRecord(record: DtlsRecord): void {
    if (this.#state === 'ended') return;
    if (record.epoch === 1) {
      this.#takeProtected(record);
      return;
    }
    // After the handshake nothing in the clear counts: anybody could have written it.
    if (record.epoch !== 0 || this.#state === 'connected') return;
    this.#startDeadline();
    if (record.type === CONTENT.changeCipherSpec) this.#cipherChanged = true;
    else this.#takeContent(record.type, 0, record.fragment);
  }

  /** RFC 6347 section 4.1: a record of the next epoch may overtake what leads to it; it is kept for a moment. */
  #takeProtected(record: DtlsRecord): void {
    if (record.fragment.length > MAX_PROTECTED_BYTES) return;
    if (record.type !== CONTENT.handshake && record.type !== CONTENT.alert) return;
    if (!this.#layer.hasKeys || !this.#cipherChanged) {
      const fragment = Buffer.from(record.fragment);
      if (this.#early.length < MAX_EARLY_RECORDS) this.#early.push({ ...record, fragment });
      return;
    }
    const content = this.#layer.open(record);
    if (content !== undefined) this.#takeContent(record.type, 1, content);
  }

  #takeContent(type: number, epoch: Epoch, content: Buffer): void {
    if (type === CONTENT.alert) this.#takeAlert(content);
    if (type !== CONTENT.handshake) return;
    for (const fragment of readFragments(content)) this.#takeFragment(fragment, epoch);
  }

  /** Only a Finished is protected, and a Finished only ever is. What else comes in epoch 1 would renegotiate: it is not heard. */
  #takeFragment(fragment: HandshakeFragment, epoch: Epoch): void {
    if ((fragment.type === HANDSHAKE.finished) !== (epoch === 1)) return;
    this.#heard = true;
    if (this.#state === 'handshake') this.#reassembly.add(fragment);
    const { sequence, offset, bytes, length } = fragment;
    const endsMessage = offset + bytes.length === length;
    const known = sequence === this.#answered && sequence < this.#reassembly.next;
    if (known && endsMessage) this.#sender.peerRepeated();
  }

  /** Goes through the messages whose turn it is. */
  #advance(): void {
    while (this.#handshake !== undefined) {
      this.#openEarly();
      const message = this.#reassembly.take();
      if (message === undefined) return;
      this.#takeMessage(message, this.#handshake);
    }
  }

  #openEarly(): void {
    if (!this.#layer.hasKeys || !this.#cipherChanged || this.#early.length === 0) return;
    const records = this.#early;
    this.#early = [];
    for (const record of records) this.#takeRecord(record);
  }

  #takeMessage(message: HandshakeMessage, handshake: Handshake): void {
    const { keys, flight, connected } = stepOf(handshake, message);
    if (keys !== undefined) this.#layer.protectWith(keys);
    if (flight !== undefined) this.#answered = message.sequence;
    if (connected === undefined) {
      if (flight !== undefined) this.#sender.send(flight);
      return;
    }
    this.#forget('connected');
    this.#sender.sendLast(flight ?? []);
    // The owner may have closed it as it sent.
    if (this.#state === 'connected') this.#options.handlers.onConnected(connected);
  }

  #takeAlert(content: Buffer): void {
    const alert = parseAlert(content);
    if (alert === undefined) return;
    if (alert.name === 'close_notify' && this.#state === 'connected') {
      // RFC 5246 section 7.2.1: is answered with its like.
      this.close();
      this.#options.handlers.onClosed();
    } else if (alert.fatal || alert.name === 'close_notify') {
      this.#giveUp(`The browser closed DTLS with the alert ${alert.name}.`);
    }
  }

  #startDeadline(): void {
    this.#deadline ??= this.#options.clock.setTimer(() => {
      const silent = this.#options.role === 'client' && !this.#heard;
      const missing = silent ? 'answer our DTLS hello' : 'finish DTLS';
      this.#giveUp(`The browser did not ${missing} within ${HANDSHAKE_TIMEOUT_MS / 1000} s.`);
    }, HANDSHAKE_TIMEOUT_MS);
  }

  #fail(error: unknown): void {
    if (this.#state === 'ended') return;
    const known = error instanceof DtlsFailure;
    this.#sendAlert(known ? error.alert : 'internal_error');
    this.#giveUp(known ? error.message : 'DTLS with the browser failed inside of us.', error);
  }

  #giveUp(sentence: string, cause?: unknown): void {
    if (this.#state === 'ended') return;
    this.#end();
    this.#options.handlers.onFailed(
      new CopperlineError('CL_MEDIA_TRANSPORT_FAILED', { sentence, cause }),
    );
  }

  #end(): void {
    this.#forget('ended');
    this.#sender.stop();
  }

  /** What only a handshake needs. */
  #forget(state: 'connected' | 'ended'): void {
    this.#state = state;
    this.#deadline?.cancel();
    this.#handshake = undefined;
    this.#early = [];
    this.#reassembly.clear();
  }

  #sendAlert(name: AlertName): void {
    this.#send(this.#layer.seal(CONTENT.alert, this.#layer.sendingEpoch, alertBody(name)));
  }

  /** One that cannot be sent is a lost one: the peer or the timer asks for it again. */
  #send(datagram: Buffer): void {
    try {
      this.#options.handlers.send(datagram);
    } catch {
      // See above.
    }
  }
}

function stepOf(handshake: Handshake, message: HandshakeMessage): HandshakeStep {
  try {
    return handshake.receive(message);
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    const name = messageName(message.type);
    throw new DtlsFailure('decode_error', `The browser's DTLS message ${name} is malformed.`);
  }
}
