import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** IPv4-mapped IPv6 addresses in their IPv4 form. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/**
 * The browser's address. Behind a proxy of ours it is the last X-Forwarded-For entry: the one which that
 * proxy added; everything before it may be made up.
 */
export function browserAddress(request: IncomingMessage, trustProxy: boolean): string {
  const own = plainAddress(request.socket.remoteAddress);
  if (!trustProxy) return own;
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const last = plainAddress(forwarded.at(-1)?.trim());
  return isIP(last) === 0 ? own : last;
}

const LOOPBACK_HOST = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * True for a request from a browser on this machine that opened a page under a name of this machine. A
 * proxy's requests do not count, whoever sent them; neither does a foreign name that resolves to
 * 127.0.0.1 (DNS rebinding).
 */
export function isLocalRequest(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const address = plainAddress(socket.remoteAddress);
  const loopback = address === '::1' || /^127\./.test(address);
  const forwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return loopback && !forwarded && LOOPBACK_HOST.test(headers.host ?? '');
}
