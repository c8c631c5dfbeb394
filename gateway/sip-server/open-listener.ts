import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { MessageLimits } from './message/limits.js';
import { parseHostPort, unbracketHost } from './message/host-port.js';
import type { SipListenerOptions } from './server-options.js';
import type { AdvertisedName } from './transport/advertised.js';
import { listenStream } from './transport/stream-listener.js';
import { TlsKeys } from './transport/tls-keys.js';
import type { Listener, TransportHandlers } from './transport/transport.js';
import { listenUdp } from './transport/udp-listener.js';
import { listenWebSocket } from './transport/websocket-listener.js';

export interface OpenedListener {
  listener: Listener;
  /** Of TLS and WSS. */
  keys: TlsKeys | undefined;
}

/**
 * Opens one SIP port.
 * @throws CopperlineError CL_START_PORT_IN_USE, CL_START_CERTIFICATE (as a rejection)
 */
export async function openListener(
  options: SipListenerOptions,
  parts: { handlers: TransportHandlers; messageLimits: MessageLimits; clock: Clock; log: Log },
): Promise<OpenedListener> {
  const { host, port, advertised, protocol } = options;
  const name = advertised === undefined ? undefined : advertisedName(advertised);
  const { messageLimits } = parts;
  const common = { bind: { host, port }, handlers: parts.handlers, log: parts.log };
  if (protocol === 'udp') {
    const listener = await listenUdp({ ...common, advertised: name, limits: messageLimits });
    return { listener, keys: undefined };
  }
  const keys =
    protocol === 'tls' || protocol === 'wss' ? await TlsKeys.load(options.tls) : undefined;
  const listen = protocol === 'tcp' || protocol === 'tls' ? listenStream : listenWebSocket;
  const { clock } = parts;
  const { limits } = options;
  const listener = await listen({
    ...{ ...common, advertised: name, keys },
    ...{ clock, limits, messageLimits },
  });
  return { listener, keys };
}

function advertisedName(text: string): AdvertisedName | undefined {
  const name = parseHostPort(text.includes(':') && !/[[\].]/.test(text) ? `[${text}]` : text);
  return name === undefined ? undefined : { host: unbracketHost(name.host), port: name.port };
}
