import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SipPeer } from './sip-peer.js';
import { PeerMessage } from './sip-peer-message.js';

/** Answers a request at once; false leaves it to the test. */
type Habit = (request: PeerMessage) => boolean;

/** A carrier on a UDP port of its own that does what the test says. It sees each request once, however often it comes. */
export class GatewayCarrier extends SipPeer {
  readonly transport = 'UDP';
  /** Datagrams received, repeated ones too. */
  datagrams = 0;
  readonly #socket: Socket;
  readonly #seen = new Set<string>();
  #habit: Habit = () => false;
  #gateway: RemoteInfo | undefined;
  #ignoring = false;

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('message', (bytes, from) => {
      this.#gateway = from;
      this.datagrams += 1;
      this.#take(bytes.toString());
    });
  }

  static async open(port = 0): Promise<GatewayCarrier> {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return new GatewayCarrier(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get sentBy(): string {
    return `127.0.0.1:${this.port}`;
  }

  get server(): string {
    return `127.0.0.1:${this.#gateway?.port ?? 0}`;
  }

  /** Where its own first request goes. */
  towards(port: number): void {
    this.#gateway = { address: '127.0.0.1', port, family: 'IPv4', size: 0 };
  }

  /** What it does by itself from now on. */
  behave(habit: Habit): void {
    this.#habit = habit;
  }

  /** BYE, CANCEL and INFO are answered, and a cancelled INVITE gets its 487. An ACK with an answer is for the test. */
  answerWhatEndsCalls(): void {
    const invites = new Map<string, PeerMessage>();
    this.behave((request) => {
      const callId = request.require('Call-ID');
      if (request.method === 'INVITE') invites.set(callId, request);
      if (request.method === 'ACK') return request.body === '';
      if (!['BYE', 'CANCEL', 'INFO'].includes(request.method ?? '')) return false;
      this.reply(request, 200);
      const invite = invites.get(callId);
      if (request.method === 'CANCEL' && invite !== undefined) this.reply(invite, 487);
      return true;
    });
  }

  /** Loses everything that comes, until reset(). */
  goDeaf(): void {
    this.#ignoring = true;
  }

  /** Forgets what came and what it was told to do. */
  reset(): void {
    this.inbox.length = 0;
    this.#habit = () => false;
    this.#ignoring = false;
  }

  sendText(text: string): void {
    this.#socket.send(text, this.#gateway?.port ?? 0, '127.0.0.1');
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
  }

  #take(text: string): void {
    if (this.#ignoring) return;
    const message = new PeerMessage(text);
    const key = `${message.startLine}|${message.require('Via')}|${message.require('CSeq')}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (message.method === undefined || !this.#habit(message)) this.received(text);
  }
}
