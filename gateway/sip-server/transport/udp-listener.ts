import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { silentLog, type Log } from '../../kernel/log.js';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from '../message/limits.js';
import { advertisedAddress, type AdvertisedName } from './advertised.js';
import { bindError } from './bind-error.js';
import { isKeepAlive } from './keep-alive.js';
import { Receiver } from './receiver.js';
import { resolveAddress } from './resolve-address.js';
import { isStun, stunAnswer } from './stun.js';
import type { Flow, Listener, NetworkAddress, TransportHandlers } from './transport.js';
import { UdpFlow } from './udp-flow.js';

export interface UdpListenerOptions {
  /** Port 0 takes a free one. */
  bind: NetworkAddress;
  /** Written into Via and Contact. The bound address when absent; port 0 means the bound port. */
  advertised?: AdvertisedName | undefined;
  handlers: TransportHandlers;
  limits?: Readonly<MessageLimits>;
  /** Remote addresses remembered at the same time; the one unused for longest is forgotten first. */
  maxFlows?: number;
  log?: Log;
}

/** A flow is some 300 bytes; strangers can make us remember this many, not more. */
const DEFAULT_MAX_FLOWS = 20_000;

/** Room for a burst of some thousand messages; the system may grant less without saying so. */
const RECEIVE_BUFFER = 2 * 1024 * 1024;

/**
 * SIP over UDP (RFC 3261 section 18, RFC 3581).
 * @throws CopperlineError CL_START_PORT_IN_USE when the address cannot be bound
 */
export async function listenUdp(options: UdpListenerOptions): Promise<Listener> {
  const socket = createSocket({
    type: isIP(options.bind.host) === 6 ? 'udp6' : 'udp4',
    // IPv4 peers have their own listener, so that no address is ever written as ::ffff:192.0.2.1.
    ipv6Only: isIP(options.bind.host) === 6,
    recvBufferSize: RECEIVE_BUFFER,
  });
  const bound = once(socket, 'listening');
  socket.bind({ address: options.bind.host, port: options.bind.port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw bindError('UDP', options.bind, error);
  }
  return new UdpListener(socket, options);
}

class UdpListener implements Listener {
  readonly protocol = 'udp';
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly #socket: Socket;
  readonly #receiver: Receiver;
  readonly #log: Log;
  readonly #maxFlows: number;
  readonly #admitStun: TransportHandlers['admitStun'];
  /** In the order of last use. */
  readonly #flows = new Map<string, UdpFlow>();
  readonly #never = new AbortController().signal;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, options: UdpListenerOptions) {
    const { address, port } = socket.address();
    this.#socket = socket;
    this.local = { host: address, port };
    this.advertised = advertisedAddress(this.local, options.advertised);
    this.#log = options.log ?? silentLog;
    this.#maxFlows = options.maxFlows ?? DEFAULT_MAX_FLOWS;
    this.#admitStun = options.handlers.admitStun;
    this.#receiver = new Receiver({
      handlers: options.handlers,
      limits: options.limits ?? DEFAULT_MESSAGE_LIMITS,
      log: this.#log,
    });
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (isKeepAlive(bytes) || this.#closing !== undefined) return;
      if (isStun(bytes)) this.#answerStun(bytes, from);
      else this.#receiver.receive(bytes, this.#flow(from.address, from.port));
    });
    // A socket error (ENOBUFS, a late ICMP error) concerns one datagram, not the listener.
    socket.on('error', (error) => {
      this.#log.warn({ err: error, local: this.local }, 'the SIP UDP socket reported an error');
    });
  }

  async flowTo(remote: NetworkAddress): Promise<Flow> {
    const family = isIP(this.local.host) === 6 ? 6 : 4;
    return this.#flow(await resolveAddress(remote.host, family), remote.port);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#flows.clear();
      this.#socket.close(() => {
        resolve();
      });
    });
    return this.#closing;
  }

  /** Without a flow: who only keeps a NAT binding open has nothing that needs to be remembered. */
  #answerStun(bytes: Buffer, { address, port }: RemoteInfo): void {
    const remote = { host: address, port };
    const answer = stunAnswer(bytes, remote);
    if (answer === undefined || this.#admitStun?.(remote, bytes.length, answer.length) === false)
      return;
    this.#socket.send(answer, port, address, (error) => {
      if (error !== null) this.#log.debug({ err: error, remote }, 'a STUN answer was not sent');
    });
  }

  #flow(host: string, port: number): UdpFlow {
    const key = `${host}|${port}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = new UdpFlow({
        socket: this.#socket,
        local: this.local,
        advertised: this.advertised,
        remote: { host, port },
        closed: this.#never,
      });
    } else this.#flows.delete(key);
    this.#flows.set(key, flow);
    if (this.#flows.size > this.#maxFlows) this.#forgetOldest();
    return flow;
  }

  /** A forgotten UDP flow keeps working for those who hold it; the peer's next datagram gets a new one. */
  #forgetOldest(): void {
    const oldest = this.#flows.keys().next();
    if (oldest.done !== true) this.#flows.delete(oldest.value);
  }
}
