import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TlsOptions,
} from 'node:tls';
import type { NetworkAddress } from '../transport/transport.js';

/** A handshake that takes longer is none. */
const HANDSHAKE_MS = 10_000;

/** A door for applications: TCP, or TLS when it is given certificates. */
export class AppListener {
  readonly #server: Server;
  readonly #tlsServer: TlsServer | undefined;
  /** TCP connections, those in a TLS handshake among them. */
  readonly #sockets = new Set<Socket>();

  constructor(accept: (socket: Socket) => void, tls?: TlsOptions) {
    this.#tlsServer =
      tls === undefined
        ? undefined
        : createTlsServer({ ...tls, handshakeTimeout: HANDSHAKE_MS }, accept);
    this.#server = this.#tlsServer ?? createTcpServer(accept);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /**
   * Resolves with the bound address.
   * @throws the error of node:net, code EADDRINUSE among them
   */
  listen(where: NetworkAddress): Promise<NetworkAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where.port, where.host, () => {
        this.#server.off('error', reject);
        const bound = this.#server.address();
        const port = bound !== null && typeof bound !== 'string' ? bound.port : where.port;
        resolve({ host: where.host, port });
      });
    });
  }

  /** What a reload of the certificates changes; new handshakes use it. */
  setSecureContext(tls: TlsOptions): void {
    this.#tlsServer?.setSecureContext(tls);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
