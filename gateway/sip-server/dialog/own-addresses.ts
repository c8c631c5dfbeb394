import { unbracketHost } from '../message/host-port.js';
import { parseSipUri, uriParam } from '../message/uri.js';
import { isOwnAddress, isWildcard } from '../transport/advertised.js';
import type { Listener, NetworkAddress, TransportProtocol } from '../transport/transport.js';

/** Tells the server's own addresses from others. */
export class OwnAddresses {
  readonly #listeners: readonly Listener[];

  /** @param listeners may still be filled */
  constructor(listeners: readonly Listener[]) {
    this.#listeners = listeners;
  }

  /** Does this URI lead to us? */
  has(text: string): boolean {
    const uri = parseSipUri(text);
    if (uri === undefined) return false;
    const asked = uriParam(uri, 'transport')?.toLowerCase();
    const secure = uri.scheme === 'sips' || asked === 'tls' || asked === 'wss';
    const where = { host: unbracketHost(uri.host).toLowerCase(), port: uri.port };
    return this.#listeners.some((listener) => {
      if (asked !== undefined && asked !== listener.protocol) return false;
      const port = where.port ?? defaultPort(listener.protocol, secure);
      return (
        isAt(listener.local, { host: where.host, port }) ||
        isAt(listener.advertised, { host: where.host, port })
      );
    });
  }
}

function isAt(own: NetworkAddress, where: NetworkAddress): boolean {
  if (own.port !== where.port) return false;
  return (
    own.host.toLowerCase() === where.host || (isWildcard(own.host) && isOwnAddress(where.host))
  );
}

/** RFC 3261 section 19.1.2, RFC 7118 section 5. */
function defaultPort(protocol: TransportProtocol, secure: boolean): number {
  if (protocol === 'ws') return 80;
  if (protocol === 'wss') return 443;
  return secure || protocol === 'tls' ? 5061 : 5060;
}
