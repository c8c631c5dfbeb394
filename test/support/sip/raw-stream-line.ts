import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { SipServer } from '../../../gateway/sip-server/server-options.js';
import { Inbox, type RawLine } from './raw-line.js';

function portOf(server: SipServer, protocol: string): number {
  const contact = server.contacts.find((one) => one.startsWith(`${protocol}/`)) ?? '';
  return Number(contact.split(':').at(-1));
}

/** A line with a connection for each message: after one that cannot be framed nothing is read any more. */
export function openStreamLine(server: SipServer, protocol: 'tcp' | 'tls'): RawLine {
  const where = { host: '127.0.0.1', port: portOf(server, protocol) };
  const inbox = new Inbox();
  const sockets = new Set<Socket>();
  let leaving: Promise<void>[] = [];
  const open = (): Socket => {
    const socket =
      protocol === 'tcp' ? connect(where) : connectTls({ ...where, rejectUnauthorized: false });
    sockets.add(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text = takeMessages(text + chunk.toString('latin1'), inbox);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const rest = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    protocol,
    send: (bytes) => {
      const socket = open();
      // The server may close a connection before all of its message has left.
      const left = new Promise<void>((resolve) => {
        socket.once('close', () => {
          resolve();
        });
        socket.write(bytes, () => {
          resolve();
        });
      });
      leaving.push(left);
    },
    flushed: async () => {
      await Promise.all(leaving.splice(0));
      leaving = [];
    },
    rest,
    unreadable: inbox.unreadable,
    take: () => inbox.take(),
    answerTo: (callId) => inbox.answerTo(callId),
    close: () => {
      rest();
      return Promise.resolve();
    },
  };
}

/** Hands on the whole messages of a stream; returns what is left. On purpose not the framer under test. */
function takeMessages(text: string, inbox: Inbox): string {
  let rest = text.replace(/^(?:\r\n)+/, '');
  for (;;) {
    const head = rest.indexOf('\r\n\r\n');
    if (head === -1) return rest;
    const length = Number(/\r\nContent-Length: *(\d+)/i.exec(rest.slice(0, head))?.[1] ?? 0);
    const end = head + 4 + length;
    if (rest.length < end) return rest;
    inbox.push(Buffer.from(rest.slice(0, end), 'latin1'));
    rest = rest.slice(end).replace(/^(?:\r\n)+/, '');
  }
}

/** A line over a WebSocket of the server's own port, opened again when the server has closed it. */
export function openWebSocketPortLine(server: SipServer, protocol: 'ws' | 'wss'): RawLine {
  const inbox = new Inbox();
  let socket: WebSocket | undefined;
  return {
    protocol,
    ready: async () => {
      if (socket?.readyState === WebSocket.OPEN) return;
      const url = `${protocol}://127.0.0.1:${portOf(server, protocol)}`;
      socket = new WebSocket(url, 'sip', { rejectUnauthorized: false });
      socket.on('message', (data) => {
        inbox.push(data as Buffer);
      });
      socket.on('error', () => undefined);
      await once(socket, 'open');
    },
    send: (bytes) => {
      socket?.send(bytes, () => undefined);
    },
    unreadable: inbox.unreadable,
    take: () => inbox.take(),
    answerTo: (callId) => inbox.answerTo(callId),
    close: () => {
      socket?.terminate();
      return Promise.resolve();
    },
  };
}
