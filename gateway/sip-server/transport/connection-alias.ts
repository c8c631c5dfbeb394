import type { TLSSocket } from 'node:tls';
import { getHeader } from '../message/headers.js';
import { unbracketHost } from '../message/host-port.js';
import { hasParam } from '../message/params.js';
import type { SipRequest } from '../message/sip-message.js';
import { topVia } from '../message/via.js';
import { connectionKey } from './connection-table.js';
import { checkSipIdentity } from './tls-keys.js';
import type { NetworkAddress } from './transport.js';

/**
 * The name under which requests may be sent back over a connection that a peer opened, when its request asks
 * for that by `;alias` (RFC 5923 section 5); undefined when it would let the peer take requests meant for others:
 * - TLS: sent-by must be a name of the peer's verified certificate;
 * - TCP: sent-by must be the very address that the connection comes from.
 */
export function aliasOf(
  request: SipRequest,
  remote: NetworkAddress,
  tls: TLSSocket | undefined,
): string | undefined {
  // Looked for in the text first: this runs for every request.
  if (!/;\s*alias\b/i.test(getHeader(request, 'via') ?? '')) return undefined;
  const via = topVia(request);
  if (via === undefined || !hasParam(via.params, 'alias')) return undefined;
  const name = unbracketHost(via.host).toLowerCase();
  if (tls === undefined) {
    if (name !== remote.host.toLowerCase()) return undefined;
    return connectionKey({ host: remote.host, port: via.port ?? 5060 }, '');
  }
  if (!tls.authorized) return undefined;
  if (checkSipIdentity(name, tls.getPeerCertificate()) !== undefined) return undefined;
  return connectionKey({ host: remote.host, port: via.port ?? 5061 }, name);
}
