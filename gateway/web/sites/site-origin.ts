import type { FastifyReply, FastifyRequest } from 'fastify';
import { originDefect } from '../origin-check.js';
import type { Site } from './site.js';

/** True when the page that asks is one of the site's. */
export function isOriginOf(site: Site, headers: FastifyRequest['headers']): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  if (site.origins.includes(origin)) return true;
  return site.origins.includes('same-origin') && originDefect('same-origin', headers) === undefined;
}

/** Lets the page read the answer. No cookies, ever: there is no Access-Control-Allow-Credentials. */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('Access-Control-Allow-Origin', request.headers.origin ?? '');
}

/** Answers a preflight (Fetch standard, section 3.2.2). */
export function allowRequest(reply: FastifyReply): void {
  reply.headers({
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'content-type',
    'Access-Control-Max-Age': '600',
  });
}
