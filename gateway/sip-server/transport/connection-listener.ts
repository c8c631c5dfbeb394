import type { Socket } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import { silentLog, type Log } from '../../kernel/log.js';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from '../message/limits.js';
import { advertisedAddress, type AdvertisedName } from './advertised.js';
import { openGate, type ConnectionGate } from './connection-gate.js';
import { DEFAULT_CONNECTION_LIMITS, type ConnectionLimits } from './connection-limits.js';
import type { TlsKeys } from './tls-keys.js';
import type { NetworkAddress, TransportHandlers } from './transport.js';

export interface ConnectionListenerOptions {
  /** Port 0 takes a free one. */
  bind: NetworkAddress;
  /** Written into Via and Contact; the bound address when absent. */
  advertised?: AdvertisedName | undefined;
  /** With keys the listener speaks TLS. */
  keys?: TlsKeys | undefined;
  handlers: TransportHandlers;
  clock: Clock;
  messageLimits?: Readonly<MessageLimits>;
  limits?: Partial<ConnectionLimits> | undefined;
  log?: Log;
}

/** The bound port of a listener for connections, and its options with nothing left open. */
export interface ConnectionPort {
  readonly gate: ConnectionGate;
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly keys: TlsKeys | undefined;
  readonly handlers: TransportHandlers;
  readonly clock: Clock;
  readonly messageLimits: Readonly<MessageLimits>;
  readonly limits: Readonly<ConnectionLimits>;
  readonly log: Log;
}

/** Takes over a socket that a peer opened; for TLS, behind its handshake. */
export interface SocketTaker {
  accept(socket: Socket, remote: NetworkAddress): void;
}

/**
 * Binds a TCP address and makes the listener that takes the sockets which come there.
 * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection) when the address cannot be bound
 */
export async function openConnectionListener<Kind extends SocketTaker>(
  options: ConnectionListenerOptions,
  create: (port: ConnectionPort) => Kind,
): Promise<Kind> {
  const { bind, keys, handlers, clock, log = silentLog } = options;
  const limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
  const parts: { listener?: Kind } = {};
  const gate = await openGate({
    ...{ bind, keys, limits, clock, log },
    onSocket: (socket, remote) => {
      parts.listener?.accept(socket, remote);
    },
  });
  parts.listener = create({
    ...{ gate, keys, handlers, clock, limits, log },
    local: gate.local,
    advertised: advertisedAddress(gate.local, options.advertised),
    messageLimits: options.messageLimits ?? DEFAULT_MESSAGE_LIMITS,
  });
  return parts.listener;
}
