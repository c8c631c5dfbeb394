import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { CopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { serveApi } from './api-routes.js';
import { BrowserFlowRegistry } from './browser-flow-registry.js';
import { serveClient } from './client-files.js';
import { securityHeaders, sharingHeaders } from './security-headers.js';
import { SipWebSocketEndpoint } from './sip-websocket.js';
import { serveTurn } from './turn-route.js';
import { serveSites } from './sites/site-routes.js';
import { serveWidgetDemo } from './widget-demo.js';
import { OneCallTokens } from './tokens/one-call-tokens.js';
import type { Web, WebOptions } from './web-options.js';

/** A request that is not complete after so long is given up, ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Listens for browsers: the page, its API, and the WebSocket into the SIP server.
 * @throws CopperlineError CL_START_PORT_IN_USE naming address and port
 */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { settings, uplinks, clock } = options;
  const log = options.log.child({ part: 'web' });
  const registry = new BrowserFlowRegistry();
  const { tokenKey: key } = settings;
  const tokens = new OneCallTokens(clock, { key, sites: options.sites });
  const sip = new SipWebSocketEndpoint({ settings, uplinks, registry, tokens, clock, log });
  const app = createApp(log);
  serveApi(app, { ...options, log });
  const { findUser } = options;
  if (findUser !== undefined) serveTurn(app, { settings, findUser, clock });
  serveSites(app, { ...options, log, tokens });
  if (options.demo !== undefined) serveWidgetDemo(app);
  await serveClient(app, options.clientDirectory);
  app.server.on('upgrade', (request, socket, head) => {
    sip.upgrade(request, socket, head);
  });
  await listen(app, settings);
  const { address: host, port } = app.server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(host, port),
    address: { host, port },
    flows: registry,
    counts: () => ({ connections: sip.connections, flows: registry.size, visits: tokens.count }),
    close: () =>
      (closed ??= sip.close().then(() => {
        tokens.close();
        return app.close();
      })),
  };
}

function createApp(log: Log): FastifyInstance {
  const app = fastify({
    bodyLimit: 16_384,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({ ...securityHeaders(request.headers.host), ...sharingHeaders(request.url) });
    done();
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'CL_WEB_NOT_FOUND', sentence: 'There is nothing here.' }),
  );
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status < 500) {
      return reply.code(status).send({
        code: 'CL_WEB_BAD_REQUEST',
        sentence: 'The request is not valid HTTP for this page.',
      });
    }
    log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    return reply
      .code(500)
      .send({ code: 'CL_INTERNAL', sentence: 'The gateway failed; see its log.' });
  });
  return app;
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

async function listen(app: FastifyInstance, at: { host: string; port: number }): Promise<void> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    await app.close();
    throw listenFailure(error, at);
  }
}

function listenFailure(error: unknown, at: { host: string; port: number }): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program already listens there',
    EACCES: 'ports below 1024 need a permission that this process does not have',
    EADDRNOTAVAIL: 'this machine does not have that address',
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code];
  if (reason === undefined) return error;
  const sentence = `The web server cannot listen on ${at.host} port ${at.port} (web.host, web.port): ${reason}.`;
  return new CopperlineError('CL_START_PORT_IN_USE', { sentence, cause: error });
}

/** A wildcard address is no address to open: on this machine it is localhost. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}/`;
  return host.includes(':') ? `http://[${host}]:${port}/` : `http://${host}:${port}/`;
}
