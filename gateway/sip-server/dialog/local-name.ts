import { bracketHost } from '../message/host-port.js';
import { canonicalName } from '../message/headers.js';
import { formatNameAddr, parseNameAddr } from '../message/name-addr.js';
import type { SipRequest } from '../message/sip-message.js';
import type { Flow, NetworkAddress } from '../transport/transport.js';

/** What the server calls itself on a flow: the address in Contact, From and `@localhost`. */
export interface LocalName extends NetworkAddress {
  /** Empty for UDP, else `;transport=ws` and so on. */
  transportParam: string;
}

export function localNameOf(flow: Flow): LocalName {
  const transportParam = flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`;
  return { ...flow.advertised, transportParam };
}

export function hostPortOf(name: NetworkAddress): string {
  return `${bracketHost(name.host)}:${name.port}`;
}

/**
 * `<sip:host:port;transport=ws>`: the Contact where the application gave none. A request to a `sips` URI asks for
 * one that is `sips` too (RFC 3261 sections 8.1.1.8 and 12.1.1).
 */
export function contactOf(name: LocalName, requestUri = ''): string {
  const scheme = /^sips:/i.test(requestUri) ? 'sips' : 'sip';
  return `<${scheme}:${hostPortOf(name)}${name.transportParam}>`;
}

/** The request with its Contact naming another flow of ours, if it named the first one. */
export function renameContact(request: SipRequest, from: LocalName, to: LocalName): SipRequest {
  const [old, fresh] = [from, to].map((name) => hostPortOf(name) + name.transportParam);
  if (old === undefined || fresh === undefined || old === fresh) return request;
  const headers = request.headers.map((header) =>
    canonicalName(header.name) === 'contact'
      ? { name: header.name, value: header.value.replace(old, fresh) }
      : header,
  );
  return { ...request, headers };
}

/** Headers in which applications write `@localhost` for "whatever you are called there". */
const LOCALHOST_HEADERS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'contact',
  'p-asserted-identity',
]);
/** With a port it is an address, perhaps our own: a browser may have reached us as `localhost:8080`. */
const LOCALHOST = /@localhost(?=$|[>;?])/i;

/**
 * The value with `@localhost` replaced by our name on that flow, in angle brackets, so that a transport
 * parameter stays part of the URI. Other headers and other hosts pass unchanged.
 */
export function replaceLocalhost(canonicalName: string, value: string, name: LocalName): string {
  if (!LOCALHOST_HEADERS.has(canonicalName) || !value.includes('@localhost')) return value;
  const address = parseNameAddr(value);
  if (address === undefined || !LOCALHOST.test(address.uri)) return value;
  const uri = address.uri.replace(LOCALHOST, `@${hostPortOf(name)}`);
  const needsTransport = canonicalName === 'contact' && !/;transport=/i.test(uri);
  return formatNameAddr({ ...address, uri: needsTransport ? uri + name.transportParam : uri });
}
