import { getHeader, getList } from '../message/headers.js';
import { parseNameAddr, tagOf } from '../message/name-addr.js';
import { hasParam } from '../message/params.js';
import type { SipRequest } from '../message/sip-message.js';
import { parseSipUri } from '../message/uri.js';
import type { Flow } from '../transport/transport.js';
import type { FlowTokens, RoutedFlows } from './flow-tokens.js';
import { withRoutes } from './forward-request.js';

/** A request inside a dialog in whose path we stay, ready to be sent on. */
export interface RelayRoute {
  /** With our own Route values removed. */
  request: SipRequest;
  /** Where it goes next, unless a connection is known. */
  nextHop: string;
  flow: Flow | undefined;
}

/** Undefined when the request does not travel along a Record-Route of ours (RFC 3261 sections 16.4 to 16.6). */
export function relayRoute(
  request: SipRequest,
  from: Flow,
  tokens: FlowTokens,
): RelayRoute | undefined {
  if (tagOf(getHeader(request, 'To')) === undefined) return undefined;
  const routes = getList(request, 'Route').map((value) => parseNameAddr(value)?.uri ?? value);
  if (routes.length === 0) return undefined;
  let { uri } = request;
  let flows = tokens.read(uri, request);
  // A strict router has moved our URI into the request line and the real target to the end (section 16.4).
  if (flows !== undefined) uri = routes.pop() ?? uri;
  for (let own = ownFlows(routes, tokens, request); own !== undefined;) {
    flows = own;
    routes.shift();
    own = ownFlows(routes, tokens, request);
  }
  if (flows === undefined) return undefined;
  const [next] = routes;
  if (next === undefined)
    return { request: routed(request, uri, []), nextHop: uri, flow: onward(from, flows) };
  if (isLoose(next))
    return { request: routed(request, uri, routes), nextHop: next, flow: undefined };
  // Section 16.6 item 6: the next one is a strict router.
  const rest = [...routes.slice(1), uri];
  return { request: routed(request, next, rest), nextHop: next, flow: undefined };
}

function routed(request: SipRequest, uri: string, routes: readonly string[]): SipRequest {
  return { ...withRoutes(request, routes), uri };
}

function ownFlows(
  routes: readonly string[],
  tokens: FlowTokens,
  request: SipRequest,
): RoutedFlows | undefined {
  return routes[0] === undefined ? undefined : tokens.read(routes[0], request);
}

/** The open connection on the other side of the dialog. */
function onward(from: Flow, { up, down }: RoutedFlows): Flow | undefined {
  const other = from.id === up?.id ? down : from.id === down?.id ? up : only(up, down);
  return other?.closed.aborted === false ? other : undefined;
}

/** The request came from the side that has no connection, so that the other is meant. */
function only(up: Flow | undefined, down: Flow | undefined): Flow | undefined {
  if (up !== undefined && down !== undefined) return undefined;
  return up ?? down;
}

function isLoose(uri: string): boolean {
  const parsed = parseSipUri(uri);
  return parsed !== undefined && hasParam(parsed.params, 'lr');
}
