import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../kernel/clock.js';
import { FailureLimiter } from '../signaling/failure-limiter.js';
import type { FindUser } from '../signaling/users.js';
import { browserAddress } from './peer-address.js';
import { allowPage } from './origin-check.js';
import { grantIceServers } from './ice-servers.js';
import type { WebSettings } from './web-options.js';

export interface TurnRouteOptions {
  settings: Pick<WebSettings, 'iceServers' | 'turn' | 'trustProxy' | 'origins'>;
  findUser: FindUser;
  clock: Clock;
}

/** As strict as REGISTER is with a source that guesses passwords. */
const GUESSES = { maxFailures: 10, windowMs: 60_000, blockMs: 60_000 };
/** What a page of another origin may send (Fetch standard, section 3.2.2). */
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'authorization',
  'Access-Control-Max-Age': '600',
} as const;

/**
 * POST /api/turn with the name and password of a user (RFC 7617): ICE servers with credentials for that user. Anybody else gets 401, so that
 * a relay that costs money is not handed to whoever opens the page. Pages of `web.origins` may ask too.
 */
export function serveTurn(app: FastifyInstance, options: TurnRouteOptions): void {
  const { settings, findUser, clock } = options;
  const limiter = new FailureLimiter(clock, GUESSES);
  app.options('/api/turn', (request, reply) => {
    const allowed = allowPage(settings.origins, request, reply);
    if (allowed) reply.headers(PREFLIGHT);
    return reply.code(allowed ? 204 : 403).send();
  });
  app.post('/api/turn', (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    allowPage(settings.origins, request, reply);
    const source = browserAddress(request.raw, settings.trustProxy);
    const blockedMs = limiter.blockedForMs(source);
    if (blockedMs > 0) return refuse(reply.header('Retry-After', Math.ceil(blockedMs / 1000)), 429);
    const given = basicCredentials(request.headers.authorization);
    const account = given === undefined ? undefined : findUser(given.user);
    if (given === undefined || account?.password.equals(given.password) !== true) {
      limiter.fail(source);
      return refuse(reply, 401);
    }
    limiter.succeed(source);
    return reply.send(grantIceServers(settings, given.user, clock.now()));
  });
}

/** No WWW-Authenticate: the browser would ask with a window of its own. */
function refuse(reply: FastifyReply, status: 401 | 429): FastifyReply {
  const sentence =
    status === 401
      ? 'TURN credentials are given to users who say their name and password.'
      : 'Too many wrong passwords came from this address; try again later.';
  return reply.code(status).send({ code: 'CL_WEB_TURN_REFUSED', sentence });
}

function basicCredentials(
  header: string | undefined,
): { user: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
