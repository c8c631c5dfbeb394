import { isIP } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import { unbracketHost } from '../message/host-port.js';
import { parseNameAddr } from '../message/name-addr.js';
import { parseSipUri, uriParam, type SipUri } from '../message/uri.js';
import type { NextHop } from '../next-hop/next-hop.js';
import { defaultPort, requestedProtocol } from '../next-hop/transport-names.js';
import { isOwnAddress, isWildcard } from '../transport/advertised.js';
import type { Listener, NetworkAddress, TransportProtocol } from '../transport/transport.js';
import type { ConnectionCache } from './connection-cache.js';
import type { Dialog } from './dialog.js';
import { GONE, type FlowChoice } from './flow-choice.js';
import { HopOpener, LARGE_REQUEST_BYTES } from './hop-opener.js';
import { nextHopUri } from './request-inside.js';

const NOT_AVAILABLE: FlowChoice = {
  kind: 'refused',
  sentence: 'requested protocol/transport not available',
};
const NO_ADDRESS = { kind: 'failed', status: 503, reason: 'DNS Error' } as const;

export interface FlowSelectorParts {
  listeners: readonly Listener[];
  cache: ConnectionCache;
  nextHop: NextHop;
  clock: Clock;
}

/** Finds the way to a request's next hop. */
export class FlowSelector {
  readonly #listeners: readonly Listener[];
  readonly #cache: ConnectionCache;
  readonly #nextHop: NextHop;
  readonly #opener: HopOpener;

  constructor(parts: FlowSelectorParts) {
    this.#listeners = parts.listeners;
    this.#cache = parts.cache;
    this.#nextHop = parts.nextHop;
    this.#opener = new HopOpener(parts.listeners, parts.clock);
  }

  /**
   * For a request outside dialogs: the connection that its URI registered over, else routeUrl, else the URI.
   * @param bytes the size of the request, about; asked for only when it matters
   */
  outside(
    uri: string,
    routeUrl: string | undefined,
    bytes: () => number = () => 0,
  ): Promise<FlowChoice> {
    if (routeUrl === undefined && parseSipUri(uri) === undefined)
      return Promise.resolve({ kind: 'refused', sentence: `invalid request-uri: ${uri}` });
    const cached = this.#cache.find(uri);
    if (cached?.closed.aborted === false) return Promise.resolve({ kind: 'flow', flow: cached });
    if (cached !== undefined) return Promise.resolve(GONE);
    const hop = routeUrl === undefined ? uri : bareUri(routeUrl);
    return this.#resolve(hop, { refuseOwn: true, bytes });
  }

  /**
   * For a request inside a dialog. A WebSocket is used for as long as it lives, then the one that the peer has
   * registered over since; so is a TCP or TLS connection, unless a Record-Route leads elsewhere, and when it is gone
   * a new one is opened. Over UDP the address that the peer really sent from wins over a Contact that
   * names another host, since that is what a NAT leaves reachable; a Record-Route wins over both.
   */
  async inside(dialog: Dialog): Promise<FlowChoice> {
    const known = this.#knownWay(dialog);
    if (known !== undefined) return known;
    const found = await this.#resolve(nextHopUri(dialog), { refuseOwn: false, bytes: () => 0 });
    // A second attempt elsewhere would not be the peer's dialog any more.
    if (found.kind === 'flow') return { kind: 'flow', flow: found.flow };
    if (!dialog.flow.reliable) return found;
    return openFlow(dialog) ?? GONE;
  }

  /** The way that needs no look-up. */
  #knownWay(dialog: Dialog): FlowChoice | undefined {
    const { protocol, reliable } = dialog.flow;
    const open = openFlow(dialog);
    const webSocket = protocol === 'ws' || protocol === 'wss';
    if (open === undefined) {
      const newer = this.#cache.find(dialog.remoteTarget);
      if (newer?.closed.aborted === false) return { kind: 'flow', flow: newer };
      return webSocket ? GONE : undefined;
    }
    if (webSocket || (reliable && dialog.routeSet.length === 0)) return open;
    const uri = parseSipUri(nextHopUri(dialog));
    return uri === undefined || prefersSource(dialog, unbracketHost(uri.host)) ? open : undefined;
  }

  async #resolve(
    hop: string,
    how: { refuseOwn: boolean; bytes: () => number },
  ): Promise<FlowChoice> {
    const uri = parseSipUri(hop);
    if (uri === undefined) return { kind: 'refused', sentence: `invalid request-uri: ${hop}` };
    const host = unbracketHost(uri.host).toLowerCase();
    if (host.endsWith('.invalid')) return NO_ADDRESS;
    if (how.refuseOwn && this.#isOurs(usualProtocol(uri), { host, port: portOf(uri) })) return OURS;
    const protocols = new Set(this.#listeners.map(({ protocol }) => protocol));
    if (!available(uri, protocols)) return NOT_AVAILABLE;
    const targets = await this.#nextHop.targets({
      uri,
      protocols,
      families: (protocol) => this.#families(protocol),
    });
    if (targets.length === 0) return isIP(host) === 0 ? noAddress(host) : NOT_AVAILABLE;
    if (how.refuseOwn && targets.some((target) => this.#isOurs(target.protocol, target)))
      return OURS;
    // Who wrote `transport=udp` knows the peer.
    const open = protocols.has('tcp') && uriParam(uri, 'transport') === undefined;
    const large = open && how.bytes() > LARGE_REQUEST_BYTES;
    return this.#opener.open(targets, large);
  }

  #families(protocol: TransportProtocol): (4 | 6)[] {
    const own = this.#listeners.filter((listener) => listener.protocol === protocol);
    const families = new Set(own.map(({ local }) => isIP(local.host)));
    // A listener without a socket of its own serves both.
    if (families.has(0)) return [4, 6];
    return ([4, 6] as const).filter((family) => families.has(family));
  }

  #isOurs(protocol: TransportProtocol, remote: NetworkAddress): boolean {
    const same = (own: NetworkAddress): boolean =>
      own.port === remote.port &&
      (own.host === remote.host || (isWildcard(own.host) && isOwnAddress(remote.host)));
    return this.#listeners.some(
      (listener) =>
        listener.protocol === protocol && (same(listener.local) || same(listener.advertised)),
    );
  }
}

function noAddress(host: string): FlowChoice {
  return { ...NO_ADDRESS, why: `DNS has no address for ${host}.` };
}

const OURS: FlowChoice = { kind: 'refused', sentence: 'can not send request to myself' };

function available(uri: SipUri, protocols: ReadonlySet<TransportProtocol>): boolean {
  const asked = requestedProtocol(uri);
  if (asked !== undefined) return protocols.has(asked);
  if (uriParam(uri, 'transport') !== undefined) return false;
  if (uri.scheme === 'sips') return protocols.has('tls');
  return protocols.has('udp') || protocols.has('tcp') || protocols.has('tls');
}

/** What a URI means without any look-up. */
function usualProtocol(uri: SipUri): TransportProtocol {
  return requestedProtocol(uri) ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
}

function portOf(uri: SipUri): number {
  return uri.port ?? defaultPort(usualProtocol(uri));
}

function openFlow({ flow }: Dialog): FlowChoice | undefined {
  return flow.closed.aborted ? undefined : { kind: 'flow', flow };
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

/** Applications write an outbound proxy as URI, as `<uri>`, or as host and port alone. */
function bareUri(routeUrl: string): string {
  // Without brackets a name-addr parser would take the URI's own parameters for the header's.
  const uri = routeUrl.includes('<') ? (parseNameAddr(routeUrl)?.uri ?? routeUrl) : routeUrl;
  return /^sips?:/i.test(uri) ? uri : `sip:${uri}`;
}
