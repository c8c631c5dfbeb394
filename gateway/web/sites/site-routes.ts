import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../kernel/error-catalogue.js';
import { toCopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import type { OneCallTokens } from '../tokens/one-call-tokens.js';
import type { WebOptions } from '../web-options.js';
import { CallDesk } from './call-desk.js';
import type { Site } from './site.js';
import { SiteDoor, type SiteRequest } from './site-door.js';
import { allowRequest } from './site-origin.js';
import { viewOf } from './site-view.js';

const SITE = '/api/widget/sites/:key';

/** HTTP statuses where those of SIP mean something else. */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  CL_WIDGET_CLOSED: 403,
  CL_WIDGET_QUOTA: 429,
  CL_WIDGET_RATE: 429,
};

type Answer = (site: Site, request: FastifyRequest<SiteRequest>, reply: FastifyReply) => unknown;

/**
 * What the widget asks: GET the site, POST for a challenge, POST for a one-call token. CORS for exactly the origins of the site.
 */
export function serveSites(
  app: FastifyInstance,
  options: WebOptions & { tokens: OneCallTokens },
): void {
  const { clock, settings, log, tokens, domain } = options;
  const door = new SiteDoor(options);
  const desk = new CallDesk({ tokens, clock, settings, domain });
  const serve = (method: 'GET' | 'POST' | 'OPTIONS', path: string, answer: Answer): void => {
    app.route<SiteRequest>({
      ...{ method, url: `${SITE}${path}` },
      handler: async (request, reply) => {
        try {
          return await reply.send(await answer(door.admit(request, reply), request, reply));
        } catch (thrown) {
          return refuse(reply, thrown, log);
        }
      },
    });
  };
  for (const path of ['', '/challenge', '/token']) {
    serve('OPTIONS', path, (_site, _request, reply) => {
      allowRequest(reply);
      reply.code(204);
    });
  }
  serve('GET', '', (site) => viewOf(site, clock.now()));
  serve('POST', '/challenge', (site, request) => desk.challenge(site, door.visitor(request)));
  serve('POST', '/token', (site, request) => desk.token(site, request.body, door.visitor(request)));
}

function refuse(reply: FastifyReply, thrown: unknown, log: Log): FastifyReply {
  const { code, sentence, sipStatus } = toCopperlineError(thrown, 'CL_INTERNAL');
  if (code === 'CL_INTERNAL') {
    log.error({ err: thrown }, 'a request of a widget failed');
    return reply.code(500).send({ code, sentence: 'The gateway failed; see its log.' });
  }
  log.info({ code }, `widget refused: ${sentence}`);
  return reply.code(HTTP_STATUS[code] ?? sipStatus).send({ code, sentence });
}
