import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Whether a page may open the WebSocket. Browsers always send Origin and pages cannot change it, so this
 * keeps foreign pages from using a visitor's network position (RFC 6455 section 10.2).
 * @returns the sentence of the refusal, undefined when the origin is fine
 */
export function originDefect(
  allowed: 'same-origin' | readonly string[],
  headers: { origin?: string | undefined; host?: string | undefined },
): string | undefined {
  const { origin, host } = headers;
  if (origin === undefined) return 'The Origin header is missing.';
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'The Origin is no web page.';
  if (allowed === 'same-origin') {
    if (sameHost(url, host)) return undefined;
    return `The Origin ${url.origin} is not the host of this page.`;
  }
  return allowed.includes(url.origin)
    ? undefined
    : `The Origin ${url.origin} is not in web.origins.`;
}

/** Compares after the URL rules for case and default ports were applied to both. */
function sameHost(origin: URL, host: string | undefined): boolean {
  const own = `${origin.protocol}//${host ?? ''}`;
  return URL.canParse(own) && new URL(own).host === origin.host;
}

/**
 * Lets a page read the answer when it may open the WebSocket as well; the refusal is the browser's. No cookies, ever: there is no
 * Access-Control-Allow-Credentials.
 */
export function allowPage(
  allowed: 'same-origin' | readonly string[],
  { headers }: FastifyRequest,
  reply: FastifyReply,
): boolean {
  reply.header('Vary', 'Origin');
  if (originDefect(allowed, headers) !== undefined) return false;
  reply.header('Access-Control-Allow-Origin', headers.origin ?? '');
  return true;
}
