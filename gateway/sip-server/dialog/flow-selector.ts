import { isIP } from 'node:net';
import { unbracketHost } from '../message/host-port.js';
import { parseNameAddr } from '../message/name-addr.js';
import { parseSipUri } from '../message/uri.js';
import type { Flow, Listener, NetworkAddress } from '../transport/transport.js';
import type { ConnectionCache } from './connection-cache.js';
import type { Dialog } from './dialog.js';
import { nextHopUri, transportOf } from './request-inside.js';

/** `refused`: the application asked for something impossible. `failed`: the network cannot do it. */
export type FlowChoice =
  | { kind: 'flow'; flow: Flow }
  | { kind: 'refused'; sentence: string }
  | { kind: 'failed'; status: number; reason: string };

/** Finds the way to a request's next hop. SRV and NAPTR records (RFC 3263) are not asked. */
export class FlowSelector {
  readonly #listeners: readonly Listener[];
  readonly #cache: ConnectionCache;

  constructor(listeners: readonly Listener[], cache: ConnectionCache) {
    this.#listeners = listeners;
    this.#cache = cache;
  }

  /** For a request outside dialogs: the connection that its URI registered over, else routeUrl, else the URI. */
  outside(uri: string, routeUrl: string | undefined): Promise<FlowChoice> {
    if (routeUrl === undefined && parseSipUri(uri) === undefined)
      return Promise.resolve({ kind: 'refused', sentence: `invalid request-uri: ${uri}` });
    const cached = this.#cache.find(uri);
    if (cached?.closed.aborted === false) return Promise.resolve({ kind: 'flow', flow: cached });
    if (cached !== undefined) return Promise.resolve(GONE);
    const hop = routeUrl === undefined ? uri : bareUri(routeUrl);
    return this.#resolve(hop, { refuseOwn: true });
  }

  /**
   * For a request inside a dialog. A connection is used for as long as it lives, then the one that the peer has
   * registered over since. Over UDP the address that the peer really sent from wins over a Contact that
   * names another host, since that is what a NAT leaves reachable; a Record-Route wins over both.
   */
  inside(dialog: Dialog): Promise<FlowChoice> {
    const { flow } = dialog;
    if (flow.reliable) {
      if (!flow.closed.aborted) return Promise.resolve({ kind: 'flow', flow });
      const newer = this.#cache.find(dialog.remoteTarget);
      if (newer?.closed.aborted === false) return Promise.resolve({ kind: 'flow', flow: newer });
      return Promise.resolve(GONE);
    }
    const hop = nextHopUri(dialog);
    const uri = parseSipUri(hop);
    if (uri === undefined || prefersSource(dialog, unbracketHost(uri.host)))
      return Promise.resolve({ kind: 'flow', flow });
    return this.#resolve(hop, { refuseOwn: false });
  }

  async #resolve(hop: string, options: { refuseOwn: boolean }): Promise<FlowChoice> {
    const uri = parseSipUri(hop);
    if (uri === undefined) return { kind: 'refused', sentence: `invalid request-uri: ${hop}` };
    const host = unbracketHost(uri.host).toLowerCase();
    const protocol = transportOf(hop) ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
    const remote = { host, port: uri.port ?? (protocol === 'tls' ? 5061 : 5060) };
    if (host.endsWith('.invalid')) return { kind: 'failed', status: 503, reason: 'DNS Error' };
    if (options.refuseOwn && this.#isOurs(protocol, remote))
      return { kind: 'refused', sentence: 'can not send request to myself' };
    const listener = this.#listenerFor(protocol, host);
    if (listener === undefined)
      return { kind: 'refused', sentence: 'requested protocol/transport not available' };
    try {
      return { kind: 'flow', flow: await listener.flowTo(remote) };
    } catch {
      const reason = isIP(host) === 0 ? 'DNS Error' : 'Service Unavailable';
      return { kind: 'failed', status: 503, reason };
    }
  }

  #isOurs(protocol: string, remote: NetworkAddress): boolean {
    const same = (own: NetworkAddress): boolean =>
      own.host === remote.host && own.port === remote.port;
    return this.#listeners.some(
      (listener) =>
        listener.protocol === protocol && (same(listener.local) || same(listener.advertised)),
    );
  }

  /** Prefers a listener on the same side of the loopback as the target. */
  #listenerFor(protocol: string, host: string): Listener | undefined {
    const family = isIP(host);
    const fitting = this.#listeners.filter(({ protocol: own, local }) => {
      const ownFamily = isIP(local.host);
      // A listener with a name for an address (WebSockets) takes any.
      return own === protocol && (family === 0 || ownFamily === 0 || ownFamily === family);
    });
    const loopback = isLoopback(host);
    return (
      fitting.find(({ local }) => local.host === host) ??
      fitting.find(({ local }) => isLoopback(local.host) === loopback) ??
      fitting[0]
    );
  }
}

/** Does what the peer wrote (Contact or Record-Route) lead nowhere, so that its real address must do? */
function prefersSource(dialog: Dialog, host: string): boolean {
  const source = dialog.flow.remote.host;
  if (dialog.routeSet.length > 0)
    return dialog.role === 'uac' && isPrivate(host) && !isPrivate(source);
  return dialog.role === 'uas' || host !== source;
}

/** RFC 1918. */
function isPrivate(host: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host);
}

const GONE: FlowChoice = { kind: 'failed', status: 410, reason: 'Gone' };

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Applications write an outbound proxy as URI, as `<uri>`, or as host and port alone. */
function bareUri(routeUrl: string): string {
  // Without brackets a name-addr parser would take the URI's own parameters for the header's.
  const uri = routeUrl.includes('<') ? (parseNameAddr(routeUrl)?.uri ?? routeUrl) : routeUrl;
  return /^sips?:/i.test(uri) ? uri : `sip:${uri}`;
}
