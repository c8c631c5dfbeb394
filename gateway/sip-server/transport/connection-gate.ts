import { once } from 'node:events';
import { createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Clock, Timer } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { ConnectionLimits } from './connection-limits.js';
import { bindError } from './bind-error.js';
import type { TlsKeys } from './tls-keys.js';
import type { NetworkAddress } from './transport.js';

export interface GateOptions {
  bind: NetworkAddress;
  /** With keys, sockets are handed on behind their TLS handshake. */
  keys?: TlsKeys | undefined;
  limits: Readonly<ConnectionLimits>;
  clock: Clock;
  log: Log;
  /** Takes over a socket that a peer opened. */
  onSocket: (socket: Socket, remote: NetworkAddress) => void;
}

/**
 * Binds a TCP address and lets peers in: not more than the limits allow, and within the time of a handshake.
 * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection) when the address cannot be bound
 */
export async function openGate(options: GateOptions): Promise<ConnectionGate> {
  const server = createServer();
  const { host, port } = options.bind;
  const bound = once(server, 'listening');
  server.listen({ host, port, exclusive: true, ipv6Only: isIP(host) === 6 });
  try {
    await bound;
  } catch (error) {
    throw bindError('TCP', options.bind, error);
  }
  return new ConnectionGate(server, options);
}

export class ConnectionGate {
  readonly local: NetworkAddress;
  readonly #options: GateOptions;
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  /** Every socket that was let in and is not closed. */
  readonly #sockets = new Set<Socket>();
  /** Those of #sockets whose handshake is under way, by the peer's address and port. */
  readonly #handshakes = new Map<string, Timer>();
  readonly #perSource = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(server: Server, options: GateOptions) {
    this.#server = server;
    this.#options = options;
    const address = server.address();
    this.local =
      address === null || typeof address === 'string'
        ? options.bind
        : { host: address.address, port: address.port };
    this.#tls = options.keys === undefined ? undefined : this.#createTls(options.keys);
    server.on('connection', (socket) => {
      this.#admit(socket);
    });
    // Such as EMFILE: one connection is lost, the listener goes on.
    server.on('error', (error) => {
      options.log.warn({ err: error, local: this.local }, 'a SIP port reported an error');
    });
  }

  /** Sockets that were let in and are not closed. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Lets nobody in any more and resolves when all sockets are closed; the unfinished handshakes are cut off. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) if (this.#shaken(remoteOf(socket))) socket.destroy();
    });
    return this.#closing;
  }

  /** Cuts off whoever is left. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #admit(socket: Socket): void {
    const remote = remoteOf(socket);
    const why = this.#refusal(remote.host);
    if (why !== undefined) {
      this.#options.log.info({ remote, why }, 'a SIP connection was refused');
      socket.destroy();
      return;
    }
    this.#count(socket, remote);
    if (this.#tls === undefined) {
      this.#options.onSocket(socket, remote);
      return;
    }
    this.#handshakes.set(
      keyOf(remote),
      this.#options.clock.setTimer(() => {
        this.#options.log.debug({ remote }, 'a TLS handshake took too long');
        socket.destroy();
      }, this.#options.limits.firstMessageMs),
    );
    this.#tls.emit('connection', socket);
  }

  #refusal(host: string): string | undefined {
    const { maxConnections, maxPerSource } = this.#options.limits;
    // The peer was gone before we looked, or we are closing.
    if (host === '' || this.#closing !== undefined) return 'gone';
    if (this.#sockets.size >= maxConnections) return `${maxConnections} connections are open`;
    if ((this.#perSource.get(host) ?? 0) >= maxPerSource)
      return `${maxPerSource} connections from this address are open`;
    return undefined;
  }

  #count(socket: Socket, remote: NetworkAddress): void {
    this.#sockets.add(socket);
    this.#perSource.set(remote.host, (this.#perSource.get(remote.host) ?? 0) + 1);
    // Until its owner listens: an error without a listener would end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perSource.get(remote.host) ?? 1) - 1;
      if (left > 0) this.#perSource.set(remote.host, left);
      else this.#perSource.delete(remote.host);
      this.#shaken(remote);
    });
  }

  /** The handshake with this peer is over, one way or the other. */
  #shaken(remote: NetworkAddress): boolean {
    const timer = this.#handshakes.get(keyOf(remote));
    timer?.cancel();
    this.#handshakes.delete(keyOf(remote));
    return timer !== undefined;
  }

  #createTls(keys: TlsKeys): TlsServer {
    const tls = createTlsServer(keys.serverOptions());
    keys.onReload(() => {
      tls.setSecureContext(keys.ownPair());
    });
    tls.on('secureConnection', (socket) => {
      const remote = remoteOf(socket);
      socket.on('error', () => undefined);
      if (!this.#shaken(remote) || socket.destroyed) socket.destroy();
      else this.#options.onSocket(socket, remote);
    });
    tls.on('tlsClientError', (error, socket) => {
      this.#options.log.debug({ err: error, local: this.local }, 'a TLS handshake failed');
      socket.destroy();
    });
    return tls;
  }
}

function remoteOf(socket: Socket): NetworkAddress {
  return { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
}

function keyOf(remote: NetworkAddress): string {
  return `${remote.host}|${remote.port}`;
}
