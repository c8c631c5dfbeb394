import {
  addHeaderFirst,
  getHeader,
  getList,
  removeHeaders,
  setHeader,
} from '../message/headers.js';
import { parseNameAddr } from '../message/name-addr.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import { formatUri, parseSipUri } from '../message/uri.js';

/** RFC 3261 section 20.22. */
const DEFAULT_MAX_FORWARDS = 70;

/** How many hops are left; 0 means that the request must not be forwarded (RFC 3261 section 16.3 item 3). */
export function hopsLeft(request: SipRequest): number {
  const value = getHeader(request, 'Max-Forwards');
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : DEFAULT_MAX_FORWARDS;
}

/** RFC 3261 section 16.4, last rule: the Route values on top that name us are spent. */
export function withoutOwnRoutes(
  request: SipRequest,
  isOwn: (uri: string) => boolean,
): { request: SipRequest; spent: string[] } {
  const routes = getList(request, 'Route').map((value) => parseNameAddr(value)?.uri ?? value);
  let count = 0;
  while (count < routes.length && isOwn(routes[count] ?? '')) count++;
  if (count === 0) return { request, spent: [] };
  return { request: withRoutes(request, routes.slice(count)), spent: routes.slice(0, count) };
}

/** The request with exactly these Route values, one row each. */
export function withRoutes(request: SipRequest, uris: readonly string[]): SipRequest {
  const copy: SipRequest = { ...request, headers: [...request.headers] };
  removeHeaders(copy, 'Route');
  for (const uri of [...uris].reverse()) addHeaderFirst(copy, 'Route', `<${uri}>`);
  return copy;
}

/** One copy of a request on its way to a target, without our Via (RFC 3261 section 16.6). */
export function forwardedCopy(
  request: SipRequest,
  how: { uri: string; recordRoutes: readonly string[]; headers: readonly SipHeader[] },
): SipRequest {
  const copy: SipRequest = { ...request, uri: how.uri, headers: [...request.headers] };
  setHeader(copy, 'Max-Forwards', String(hopsLeft(request) - 1));
  // RFC 3327 section 5: a registration is followed by Path, a dialog by Record-Route.
  const name = request.method === 'REGISTER' ? 'Path' : 'Record-Route';
  for (const value of [...how.recordRoutes].reverse()) addHeaderFirst(copy, name, value);
  if (name === 'Path' && how.recordRoutes.length > 0) requirePath(copy);
  copy.headers.push(...how.headers);
  return copy;
}

function requirePath(copy: SipRequest): void {
  const required = getList(copy, 'Require').some((option) => option.toLowerCase() === 'path');
  if (!required) copy.headers.push({ name: 'Require', value: 'path' });
}

/** A target as it may stand in a request line: no headers, no method (RFC 3261 section 19.1.5). */
export function asRequestUri(target: string): string {
  const uri = parseSipUri(target);
  if (uri === undefined) return target;
  delete uri.headers;
  const params = uri.params.filter(({ name }) => name.toLowerCase() !== 'method');
  return params.length === uri.params.length && !target.includes('?')
    ? target
    : formatUri({ ...uri, params });
}
