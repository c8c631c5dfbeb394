import { uriParam, type SipUri } from '../message/uri.js';
import type { TransportProtocol } from '../transport/transport.js';

/** NAPTR services (RFC 3263 section 4.1, RFC 7118 section 4). */
export const SERVICES: Readonly<Record<string, TransportProtocol>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
};

export const SRV_PREFIX: Readonly<Record<TransportProtocol, string>> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
  ws: '_sip._ws',
  wss: '_sips._ws',
};

const DEFAULT_PORT: Readonly<Record<TransportProtocol, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 80,
  wss: 443,
};

export function defaultPort(protocol: TransportProtocol): number {
  return DEFAULT_PORT[protocol];
}

const SECURED: Readonly<Record<string, TransportProtocol>> = {
  tcp: 'tls',
  tls: 'tls',
  ws: 'wss',
  wss: 'wss',
};

/**
 * The protocol that a URI asks for by its transport parameter; undefined when it has none, or a name that is no
 * transport. `sips` makes TCP mean TLS (RFC 3261 section 26.2.2) and WS mean WSS.
 */
export function requestedProtocol(uri: SipUri): TransportProtocol | undefined {
  const name = uriParam(uri, 'transport')?.toLowerCase();
  if (name === undefined) return undefined;
  if (uri.scheme === 'sips') return SECURED[name];
  return Object.hasOwn(DEFAULT_PORT, name) ? (name as TransportProtocol) : undefined;
}
