import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isWildcard } from './advertised.js';
import { connectSocket } from './connect.js';
import { aliasOf } from './connection-alias.js';
import {
  openConnectionListener,
  type ConnectionListenerOptions,
  type ConnectionPort,
  type SocketTaker,
} from './connection-listener.js';
import { connectionKey, ConnectionTable } from './connection-table.js';
import { Receiver } from './receiver.js';
import { resolveAddress } from './resolve-address.js';
import { StreamFlow } from './stream-flow.js';
import type { Flow, Listener, NetworkAddress, RemoteTarget } from './transport.js';

/**
 * SIP over TCP or TLS (RFC 3261 section 18), connections in both directions.
 * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection) when the address cannot be bound
 */
export function listenStream(options: ConnectionListenerOptions): Promise<Listener> {
  return openConnectionListener(options, (port) => new StreamListener(port));
}

class StreamListener implements Listener, SocketTaker {
  readonly protocol: 'tcp' | 'tls';
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly #port: ConnectionPort;
  readonly #table = new ConnectionTable();
  readonly #connecting = new Map<string, Promise<StreamFlow>>();
  readonly #stop = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(port: ConnectionPort) {
    this.#port = port;
    this.protocol = port.keys === undefined ? 'tcp' : 'tls';
    this.local = port.local;
    this.advertised = port.advertised;
  }

  get size(): number {
    return this.#table.size;
  }

  accept(socket: Socket, remote: NetworkAddress): void {
    const tls = socket instanceof TLSSocket ? socket : undefined;
    const flow = this.#begin(socket, { remote, openedBy: 'peer', tls });
    // A TCP peer has shown that it is there; who a TLS peer is, only a certificate shows.
    if (tls === undefined) this.#table.alias(connectionKey(remote, ''), flow);
  }

  async flowTo(remote: RemoteTarget): Promise<Flow> {
    const family = isIP(this.local.host) === 6 ? 6 : 4;
    const host = await resolveAddress(remote.host, family);
    const name = this.protocol === 'tls' ? (remote.serverName ?? remote.host) : '';
    const target = { ...remote, host, ...(name === '' ? {} : { serverName: name }) };
    const key = connectionKey(target, name);
    const open = this.#table.find(key);
    if (open !== undefined) return open;
    const pending = this.#connecting.get(key);
    if (pending !== undefined) return pending;
    const connecting = this.#connect(target, key).finally(() => this.#connecting.delete(key));
    this.#connecting.set(key, connecting);
    return connecting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    const closed = this.#port.gate.close();
    await Promise.allSettled(this.#connecting.values());
    const flows = this.#table.all;
    for (const flow of flows) flow.end('The SIP server is shutting down.');
    await Promise.all(flows.map(({ gone }) => gone));
    this.#port.gate.destroyAll();
    await closed;
  }

  async #connect(remote: RemoteTarget, key: string): Promise<StreamFlow> {
    if (this.#stop.signal.aborted) throw new Error('The SIP server is closed.');
    const { maxConnections, connectMs } = this.#port.limits;
    if (this.#table.size + this.#connecting.size >= maxConnections)
      throw new Error(`The SIP server holds ${maxConnections} connections, its limit.`);
    const socket = await connectSocket({
      remote,
      from: this.#source(),
      keys: this.#port.keys,
      clock: this.#port.clock,
      timeoutMs: remote.connectTimeoutMs ?? connectMs,
      signal: this.#stop.signal,
    });
    const { host, port } = remote;
    const flow = this.#begin(socket, { remote: { host, port }, openedBy: 'us', tls: undefined });
    this.#table.alias(key, flow);
    return flow;
  }

  /** Peers should see the address that we advertise; from the loopback nothing else can be reached. */
  #source(): string | undefined {
    const { host } = this.local;
    return isWildcard(host) || host === '::1' || host.startsWith('127.') ? undefined : host;
  }

  #begin(
    socket: Socket,
    how: { remote: NetworkAddress; openedBy: 'us' | 'peer'; tls: TLSSocket | undefined },
  ): StreamFlow {
    const flow: StreamFlow = new StreamFlow({
      socket,
      listener: this,
      remote: how.remote,
      openedBy: how.openedBy,
      receiver: this.#receiver(how.tls),
      limits: this.#port.limits,
      maxMessageBytes: this.#port.messageLimits.maxMessageBytes,
      clock: this.#port.clock,
      log: this.#port.log,
      onEnd: (ended) => {
        this.#table.remove(ended);
      },
    });
    this.#table.add(flow);
    return flow;
  }

  #receiver(tls: TLSSocket | undefined): Receiver {
    const { handlers } = this.#port;
    return new Receiver({
      limits: this.#port.messageLimits,
      log: this.#port.log,
      handlers: {
        admitMalformed: (flow, bytes) =>
          handlers.admitMalformed === undefined ? flow : handlers.admitMalformed(flow, bytes),
        onMalformed: (flow, why, partial) => {
          handlers.onMalformed(flow, why, partial);
        },
        onMessage: (message, flow) => {
          if (
            message.kind === 'request' &&
            flow instanceof StreamFlow &&
            flow.openedBy === 'peer'
          ) {
            const alias = aliasOf(message, flow.remote, tls);
            if (alias !== undefined) this.#table.alias(alias, flow);
          }
          handlers.onMessage(message, flow);
        },
      },
    });
  }
}
