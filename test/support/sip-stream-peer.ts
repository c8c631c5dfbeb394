import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { CertificateFiles } from '../../gateway/sip-server/transport/tls-keys.js';
import type { SipServer } from '../../gateway/sip-server/server-options.js';
import { SipPeer } from './sip-peer.js';

export interface StreamPeerOptions {
  /** With them the peer speaks TLS. */
  certificate?: CertificateFiles;
  /** How the peer calls itself; it listens on 127.0.0.1 all the same. */
  host?: string;
}

/** A phone or carrier on TCP or TLS that takes connections and, when a test sends first, opens one. */
export class StreamSipPeer extends SipPeer {
  readonly transport: 'TCP' | 'TLS';
  readonly server: string;
  readonly sentBy: string;
  /** Every connection there ever was, in either direction. */
  readonly connections: Socket[] = [];
  /** Pongs that came (RFC 5626 section 4.4.1). */
  readonly pongs: string[] = [];
  readonly #listener: Server;
  #current: Socket | undefined;

  constructor(listener: Server, server: string, options: StreamPeerOptions) {
    super();
    const address = listener.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    this.transport = options.certificate === undefined ? 'TCP' : 'TLS';
    this.server = server;
    this.sentBy = `${options.host ?? '127.0.0.1'}:${port}`;
    this.#listener = listener;
    listener.on(this.transport === 'TCP' ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#take(socket);
    });
  }

  get port(): number {
    return Number(this.sentBy.split(':').at(-1));
  }

  /** The peer's own words go over the connection that was used last. */
  sendText(text: string): void {
    this.#current ??= this.#connect();
    this.#current.write(text);
  }

  /** The connection breaks; the peer goes on listening. */
  async hangUpConnection(): Promise<void> {
    const socket = this.#current;
    this.#current = undefined;
    if (socket === undefined) return;
    socket.destroy();
    if (!socket.closed) await once(socket, 'close');
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #connect(): Socket {
    const port = Number(this.server.split(':').at(-1));
    const where = { host: this.server.startsWith('[') ? '::1' : '127.0.0.1', port };
    const socket =
      this.transport === 'TCP'
        ? connect(where)
        : connectTls({ ...where, rejectUnauthorized: false });
    this.#take(socket);
    return socket;
  }

  #take(socket: Socket): void {
    this.connections.push(socket);
    this.#current = socket;
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#current === socket) this.#current = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      text = this.#withoutPongs(text + chunk.toString('latin1'));
      for (let end = wholeMessage(text); end !== undefined; end = wholeMessage(text)) {
        this.received(text.slice(0, end));
        text = this.#withoutPongs(text.slice(end));
      }
    });
  }

  #withoutPongs(text: string): string {
    if (!text.startsWith('\r\n')) return text;
    this.pongs.push('\r\n');
    return this.#withoutPongs(text.slice(2));
  }
}

/** On purpose a reader of its own, not that of the code under test. */
function wholeMessage(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return undefined;
  const length = /\r\nContent-Length: *(\d+)/i.exec(text.slice(0, head))?.[1];
  if (length === undefined) throw new Error(`No Content-Length on a stream: ${text}`);
  const end = head + 4 + Number(length);
  return text.length < end ? undefined : end;
}

/** A peer of the server's `tcp/` or `tls/` contact. */
export async function openStreamPeer(
  server: Pick<SipServer, 'contacts'>,
  options: StreamPeerOptions = {},
): Promise<StreamSipPeer> {
  const { certificate } = options;
  const listener =
    certificate === undefined
      ? createServer()
      : createTlsServer({
          cert: readFileSync(certificate.certFile),
          key: readFileSync(certificate.keyFile),
        });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const protocol = certificate === undefined ? 'tcp/' : 'tls/';
  const contact = server.contacts.find((one) => one.startsWith(protocol));
  return new StreamSipPeer(listener, contact?.slice(4) ?? '', options);
}
