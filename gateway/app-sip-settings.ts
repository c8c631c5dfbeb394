import { listed, type EmbeddedSip } from './config/listen-places.js';
import { newToken } from './kernel/ids.js';
import { Secret } from './kernel/secret.js';
import type { SipListenerOptions, SipServerOptions } from './sip-server/server-options.js';
import type { ConnectionLimits } from './sip-server/transport/connection-limits.js';
import type { TlsSettings } from './sip-server/transport/tls-keys.js';

/** How the settings of the embedded SIP server become its options. Pure, but for the secret that nobody has set. */
export function sipServerOptions(
  sip: EmbeddedSip,
): Omit<SipServerOptions, 'websocket' | 'log' | 'clock'> {
  return {
    listeners: sipListeners(sip),
    ...applicationDoors(sip),
    guard: sip.guard,
    messageLimits: {
      maxMessageBytes: sip.messages.maxBytes,
      maxHeaders: sip.messages.maxHeaders,
      maxHeaderLength: sip.messages.maxHeaderLength,
    },
    requestHandlers: sip.requestHandlers,
    ...refresher(sip),
  };
}

/** The ports that SIP peers reach. */
export function sipListeners(sip: EmbeddedSip): SipListenerOptions[] {
  const { udp, tcp, tls } = sip;
  const limits = connectionLimits(sip);
  return [
    ...listed(udp).map((place): SipListenerOptions => ({ protocol: 'udp', ...place })),
    ...listed(tcp).map((place): SipListenerOptions => ({ protocol: 'tcp', ...place, limits })),
    ...listed(tls).map((place): SipListenerOptions => {
      const { host, port, advertised, certificates, ...rest } = place;
      const named = advertised === undefined ? {} : { advertised };
      const settings = { certificates: listOfOne(certificates), ...rest };
      return { protocol: 'tls', host, port, ...named, limits, tls: settings };
    }),
  ];
}

function connectionLimits({ connections }: EmbeddedSip): Partial<ConnectionLimits> {
  return {
    maxConnections: connections.max,
    maxPerSource: connections.maxPerSource,
    firstMessageMs: connections.firstMessageSeconds * 1000,
    halfMessageMs: connections.halfMessageSeconds * 1000,
    idleMs: connections.idleSeconds * 1000,
    connectMs: connections.connectSeconds * 1000,
    pingMs: connections.pingSeconds * 1000,
  };
}

/** Without a port for other applications, the gateway alone connects: to any free port, with a secret of its own. */
function applicationDoors({
  applications,
}: EmbeddedSip): Pick<SipServerOptions, 'application' | 'applicationTls'> {
  if (applications === undefined)
    return { application: { host: '127.0.0.1', port: 0, secret: new Secret(newToken(16)) } };
  const { host, port, secret, tls } = applications;
  const application = { host, port, secret };
  if (tls === undefined) return { application };
  const settings = { certificates: listOfOne(tls.certificates) };
  return { application, applicationTls: { host, port: tls.port, tls: settings } };
}

function refresher({ sessionRefresher }: EmbeddedSip): Pick<SipServerOptions, 'defaultRefresher'> {
  if (sessionRefresher === 'none') return {};
  return { defaultRefresher: sessionRefresher === 'caller' ? 'uac' : 'uas' };
}

/** The schema sees to it that the list is not empty. */
function listOfOne(
  list: readonly TlsSettings['certificates'][number][],
): TlsSettings['certificates'] {
  const [first, ...others] = list;
  if (first === undefined) throw new Error('There is no certificate.');
  return [first, ...others];
}
