import { sipServerOptions } from './app-sip-settings.js';
import type { CopperlineConfig } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import type { SipServerAddress } from './signaling/drachtio-connection.js';
import type { KnownCaller } from './sip-server/guard/guard-options.js';
import type { SipServer } from './sip-server/server-options.js';
import { startSipServer } from './sip-server/server.js';
import type { NetworkAddress } from './sip-server/transport/transport.js';
import type { SipUplinkFactory } from './web/sip-uplink.js';
import { upstreamWebSockets } from './web/upstream-websocket.js';

/** The SIP server of the gateway, embedded or not, and the ways to it. */
export interface Sip {
  /** Undefined when it is an external one. */
  server: SipServer | undefined;
  address: SipServerAddress;
  uplinks: SipUplinkFactory;
  close(): Promise<void>;
}

/** @throws CopperlineError CL_START_PORT_IN_USE, CL_START_CERTIFICATE (as a rejection) */
export async function startSip(
  config: CopperlineConfig,
  { isKnown, clock, log }: { isKnown: KnownCaller; clock: Clock; log: Log },
): Promise<Sip> {
  const chosen = config.sip.server;
  if (chosen.kind === 'drachtio') {
    const { host, port, secret } = chosen;
    const uplinks = upstreamWebSockets({ url: chosen.websocket, clock });
    return { server: undefined, address: { host, port, secret }, uplinks, close: nothing };
  }
  const options = sipServerOptions(chosen);
  const server = await startSipServer({
    ...options,
    // A name more than an address: browsers are reached over the WebSocket they opened. No URI may say port 0.
    websocket: { host: config.sip.domain, port: config.web.port === 0 ? 80 : config.web.port },
    log: log.child({ part: 'sip-server' }),
    ...{ isKnown, clock },
  });
  const { secret } = options.application;
  return {
    server,
    address: { ...nearest(server.applicationAddress), secret },
    uplinks: { open: (browser, handlers) => server.openWebSocket(browser, handlers) },
    close: () => server.close(),
  };
}

/** Of a wildcard, the address at which this machine reaches itself. */
function nearest({ host, port }: NetworkAddress): NetworkAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
