import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SipServer } from '../../../gateway/sip-server/server-options.js';
import type { TransportProtocol } from '../../../gateway/sip-server/transport/transport.js';
import type { WebSocketPort } from '../../../gateway/sip-server/transport/websocket-flows.js';
import { PeerMessage } from '../sip-peer-message.js';

/** A way to the server that carries any bytes, and keeps all that comes back. */
export interface RawLine {
  readonly protocol: TransportProtocol;
  /** Connects, where that is needed and not done. */
  ready?(): Promise<void>;
  send(bytes: Buffer): void;
  /** Resolves when all that was sent has left. */
  flushed?(): Promise<void>;
  /** Ends the connections that messages have left behind. */
  rest?(): void;
  /** What came that was no SIP message; must stay empty. */
  readonly unreadable: string[];
  /** What came since the last call. */
  take(): PeerMessage[];
  /** Resolves with the first message, new or to come, that has this Call-ID; what came before it stays. */
  answerTo(callId: string): Promise<PeerMessage>;
  close(): Promise<void>;
}

/** What all lines do with messages that come. */
export class Inbox {
  readonly unreadable: string[] = [];
  #messages: PeerMessage[] = [];
  #waiting: { callId: string; resolve: (message: PeerMessage) => void } | undefined;

  push(bytes: Buffer): void {
    // The pong of RFC 5626 section 4.4.1, to a message that was cut down to a ping.
    if (bytes.toString() === '\r\n') return;
    const message = this.#read(bytes);
    if (message === undefined) return;
    const waiting = this.#waiting;
    if (waiting !== undefined && waiting.callId === message.get('Call-ID')) {
      this.#waiting = undefined;
      waiting.resolve(message);
    } else this.#messages.push(message);
  }

  #read(bytes: Buffer): PeerMessage | undefined {
    try {
      return new PeerMessage(bytes.toString());
    } catch (error) {
      this.unreadable.push(String(error));
      return undefined;
    }
  }

  take(): PeerMessage[] {
    return this.#messages.splice(0);
  }

  answerTo(callId: string): Promise<PeerMessage> {
    const index = this.#messages.findIndex((message) => message.get('Call-ID') === callId);
    const here = index === -1 ? undefined : this.#messages.splice(index, 1)[0];
    if (here !== undefined) return Promise.resolve(here);
    return new Promise((resolve) => {
      this.#waiting = { callId, resolve };
    });
  }
}

export async function openUdpLine(server: SipServer): Promise<RawLine> {
  const contact = server.contacts.find((one) => one.startsWith('udp/')) ?? '';
  const port = Number(contact.split(':').at(-1));
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const inbox = new Inbox();
  socket.on('message', (bytes) => {
    inbox.push(bytes);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    protocol: 'udp',
    send: (bytes) => {
      socket.send(bytes, port, '127.0.0.1');
    },
    unreadable: inbox.unreadable,
    take: () => inbox.take(),
    answerTo: (callId) => inbox.answerTo(callId),
    close: () =>
      new Promise((resolve) => {
        socket.close(resolve);
      }),
  };
}

/** @param port tells browsers apart */
export async function openWebSocketLine(server: SipServer, port = 41_000): Promise<RawLine> {
  const inbox = new Inbox();
  let open = false;
  const connect = async (): Promise<WebSocketPort> => {
    const opened = await server.openWebSocket(
      { host: '192.0.2.8', port },
      {
        onFrame: (frame) => {
          inbox.push(frame);
        },
        onClosed: () => {
          open = false;
        },
      },
    );
    open = true;
    return opened;
  };
  let uplink = await connect();
  return {
    protocol: 'ws',
    // After many malformed messages the server ends the connection.
    ready: async () => {
      if (!open) uplink = await connect();
    },
    send: (bytes) => {
      uplink.send(bytes);
    },
    unreadable: inbox.unreadable,
    take: () => inbox.take(),
    answerTo: (callId) => inbox.answerTo(callId),
    close: () => {
      uplink.close();
      return Promise.resolve();
    },
  };
}

let serial = 0;

/**
 * Asks with an OPTIONS whether the server still serves: its applications see requests in the order in which one
 * line sent them, so that with the answer all answers to what was sent before are here, too.
 */
export async function probe(line: RawLine): Promise<PeerMessage> {
  serial += 1;
  const callId = `probe${serial}x${process.pid}`;
  const answer = line.answerTo(callId);
  await line.ready?.();
  line.send(
    Buffer.from(
      `OPTIONS sip:probe@example.com SIP/2.0\r\nVia: SIP/2.0/${line.protocol.toUpperCase()} ` +
        `probe.invalid;branch=z9hG4bK${callId};rport\r\nFrom: <sip:p@example.com>;tag=${callId}\r\n` +
        `To: <sip:probe@example.com>\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\n` +
        'Content-Length: 0\r\n\r\n',
    ),
  );
  return answer;
}
