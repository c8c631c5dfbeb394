import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipServer } from '../../gateway/sip-server/server-options.js';
import { formatPeerMessage, PeerMessage, type PeerHeaders } from './sip-peer-message.js';

let serial = 0;
/** Unique per test run; short, so that traces stay readable. */
const unique = (prefix: string): string => `${prefix}${++serial}x${process.pid}`;

interface Wanted {
  matches: (message: PeerMessage) => boolean;
  take: (message: PeerMessage) => void;
}

export interface PeerRequestOptions {
  uri?: string;
  headers?: PeerHeaders;
  body?: string;
}

/**
 * A SIP phone or carrier that does exactly what a test says and nothing by itself: no retransmission, no
 * automatic answer. What it receives waits until the test asks for it.
 */
export abstract class SipPeer {
  readonly inbox: PeerMessage[] = [];
  readonly #wanted: Wanted[] = [];
  abstract readonly transport: 'UDP' | 'WS' | 'TCP' | 'TLS';
  /** `host:port` for Via and Contact. */
  abstract readonly sentBy: string;
  /** `host:port` of the server. */
  abstract readonly server: string;
  abstract sendText(text: string): void;
  abstract close(): Promise<void>;

  /**
   * Hears nothing more, but keeps its port for as long as the process lives. What the server repeats to a closed port
   * comes back as an ICMP error, and a drachtio-server loses the next datagram of its socket over that.
   */
  linger(): Promise<void> {
    return this.close();
  }

  get contact(): string {
    const param = this.transport === 'UDP' ? '' : `;transport=${this.transport.toLowerCase()}`;
    return `<sip:peer@${this.sentBy}${param}>`;
  }

  get via(): string {
    return `SIP/2.0/${this.transport} ${this.sentBy};branch=z9hG4bK${unique('b')};rport`;
  }

  protected received(text: string): void {
    const message = new PeerMessage(text);
    const index = this.#wanted.findIndex(({ matches }) => matches(message));
    if (index === -1) this.inbox.push(message);
    else this.#wanted.splice(index, 1)[0]?.take(message);
  }

  /** The first message, already here or to come, that is a request of that method or a response of that status. */
  next(what: string | number, about?: string): Promise<PeerMessage> {
    return this.nextThat(
      (message) =>
        (typeof what === 'number' ? message.status === what : message.method === what) &&
        (about === undefined || message.about === about),
    );
  }

  nextThat(matches: (message: PeerMessage) => boolean): Promise<PeerMessage> {
    const index = this.inbox.findIndex(matches);
    const here = index === -1 ? undefined : this.inbox.splice(index, 1)[0];
    if (here !== undefined) return Promise.resolve(here);
    return new Promise((take) => {
      this.#wanted.push({ matches, take });
    });
  }

  /** A request outside dialogs. */
  request(method: string, options: PeerRequestOptions = {}): PeerMessage {
    const headers: PeerHeaders = {
      Via: this.via,
      'Max-Forwards': '70',
      From: `<sip:peer@${this.sentBy}>;tag=${unique('t')}`,
      To: `<sip:bob@${this.server}>`,
      'Call-ID': unique('call'),
      CSeq: `1 ${method}`,
      Contact: this.contact,
      ...options.headers,
    };
    const startLine = `${method} ${options.uri ?? `sip:bob@${this.server}`} SIP/2.0`;
    return this.#send(startLine, headers, options.body);
  }

  /** A response to a request that came; To gets a tag above 100. */
  reply(
    request: PeerMessage,
    status: number,
    options: PeerRequestOptions & { tag?: string } = {},
  ): PeerMessage {
    const to = request.require('To');
    const tag =
      request.tag('To') === undefined && status > 100 ? `;tag=${options.tag ?? 'peer'}` : '';
    const headers: PeerHeaders = {
      Via: request.all('Via'),
      From: request.require('From'),
      To: to + tag,
      'Call-ID': request.require('Call-ID'),
      CSeq: request.require('CSeq'),
      Contact: this.contact,
      ...options.headers,
    };
    return this.#send(`SIP/2.0 ${status} Scripted`, headers, options.body);
  }

  /** A request of the callee's side in the dialog of `invite`, which it received and answered with `tag`. */
  calleeRequest(
    method: string,
    invite: PeerMessage,
    options: PeerRequestOptions & { sequence: number; tag?: string },
  ): PeerMessage {
    return this.#send(
      `${method} ${options.uri ?? invite.address('Contact')} SIP/2.0`,
      {
        Via: this.via,
        'Max-Forwards': '70',
        From: `${invite.require('To')};tag=${options.tag ?? 'peer'}`,
        To: invite.require('From'),
        'Call-ID': invite.require('Call-ID'),
        CSeq: `${options.sequence} ${method}`,
        Contact: this.contact,
        ...options.headers,
      },
      options.body,
    );
  }

  /** A request of the caller's side in the dialog that `answer` (a response to `invite`) formed. */
  callerRequest(
    method: string,
    answer: PeerMessage,
    options: PeerRequestOptions & { sequence: number },
  ): PeerMessage {
    return this.#send(
      `${method} ${options.uri ?? answer.address('Contact')} SIP/2.0`,
      {
        Via: this.via,
        'Max-Forwards': '70',
        From: answer.require('From'),
        To: answer.require('To'),
        'Call-ID': answer.require('Call-ID'),
        CSeq: `${options.sequence} ${method}`,
        Contact: this.contact,
        ...options.headers,
      },
      options.body,
    );
  }

  /** CANCEL of, or ACK of a refusal to, a request of ours: the same hop, the same branch. */
  sameBranch(
    method: 'CANCEL' | 'ACK',
    request: PeerMessage,
    to = request.require('To'),
  ): PeerMessage {
    return this.#send(`${method} ${request.uri} SIP/2.0`, {
      Via: request.require('Via'),
      'Max-Forwards': '70',
      From: request.require('From'),
      To: to,
      'Call-ID': request.require('Call-ID'),
      CSeq: `${request.sequence} ${method}`,
    });
  }

  #send(startLine: string, headers: PeerHeaders, body = ''): PeerMessage {
    const type = headers['Content-Type'] ?? (body === '' ? undefined : 'application/sdp');
    const text = formatPeerMessage(startLine, { ...headers, 'Content-Type': type }, body);
    this.sendText(text);
    return new PeerMessage(text);
  }
}

class UdpSipPeer extends SipPeer {
  readonly transport = 'UDP';
  readonly server: string;
  readonly #socket: Socket;

  /** @param server `host:port`, an IPv6 host in brackets */
  constructor(socket: Socket, server: string) {
    super();
    this.#socket = socket;
    this.server = server;
    socket.on('message', (bytes) => {
      this.received(bytes.toString());
    });
  }

  get sentBy(): string {
    const { address, family, port } = this.#socket.address();
    return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  sendText(text: string): void {
    const port = Number(/:(\d+)$/.exec(this.server)?.[1]);
    this.#socket.send(text, port, this.#socket.address().address);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
  }

  override linger(): Promise<void> {
    this.#socket.removeAllListeners('message').unref();
    return Promise.resolve();
  }
}

/** @param server the `udp/host:port` contact of the server */
export async function openUdpPeer(server: Pick<SipServer, 'contacts'>): Promise<SipPeer> {
  const contact = server.contacts.find((one) => one.startsWith('udp/'));
  const isV6 = contact?.startsWith('udp/[') === true;
  const socket = createSocket(isV6 ? 'udp6' : 'udp4');
  socket.bind(0, isV6 ? '::1' : '127.0.0.1');
  await once(socket, 'listening');
  return new UdpSipPeer(socket, contact?.slice(4) ?? '');
}

class WebSocketSipPeer extends SipPeer {
  readonly transport = 'WS';
  readonly sentBy = `${unique('browser')}.invalid`;
  readonly server = 'gateway.test:8443';
  closedWith: string | undefined;
  #send: (frame: Buffer) => void = () => undefined;
  #close: () => void = () => undefined;

  async open(server: SipServer, port: number): Promise<void> {
    const uplink = await server.openWebSocket(
      { host: '192.0.2.7', port },
      {
        onFrame: (frame) => {
          this.received(frame.toString());
        },
        onClosed: (sentence) => {
          this.closedWith = sentence;
        },
      },
    );
    this.#send = uplink.send.bind(uplink);
    this.#close = uplink.close.bind(uplink);
  }

  sendText(text: string): void {
    this.#send(Buffer.from(text));
  }

  close(): Promise<void> {
    this.#close();
    return Promise.resolve();
  }
}

/** A browser whose WebSocket somebody else holds; `port` tells browsers apart. */
export async function openWebSocketPeer(server: SipServer, port = 40_001): Promise<SipPeer> {
  const peer = new WebSocketSipPeer();
  await peer.open(server, port);
  return peer;
}
