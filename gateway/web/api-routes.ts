import type { FastifyInstance } from 'fastify';
import { serveCallApi } from './call-api.js';
import { isLocalRequest } from './peer-address.js';
import { hasClosedIceServers, openIceServers, type PlainIceServer } from './ice-servers.js';
import { SIP_PATH } from './sip-path.js';
import type { DemoWeb, HealthReport, WebOptions } from './web-options.js';

/** What the page needs to know before it connects. */
interface ClientConfig {
  sipPath: string;
  domain: string;
  iceServers: PlainIceServer[];
  /** True when POST /api/turn gives a user more ICE servers, with credentials. */
  turn?: true;
  /** What the page calls for a test: something that echoes. */
  testNumber?: string;
  /** Present in the demo, for a browser on this machine. */
  demo?: { user: string; password: string; numbers: { number: string; label: string }[] };
}

/** GET /health, /api/client-config, /api/trunks, /api/demo/reports: JSON, never cached. */
export function serveApi(app: FastifyInstance, options: WebOptions): void {
  const { demo, settings } = options;

  app.get('/health', async (_request, reply) => {
    const report = await healthOf(options);
    return reply
      .code(report.up ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send(report);
  });

  app.get('/api/client-config', (request, reply) => {
    const local = isLocalRequest(request.raw);
    const config: ClientConfig = {
      sipPath: SIP_PATH,
      domain: options.domain,
      iceServers: openIceServers(settings),
      ...(options.findUser !== undefined && hasClosedIceServers(settings) ? { turn: true } : {}),
      ...(settings.testNumber === undefined ? {} : { testNumber: settings.testNumber }),
      ...(demo !== undefined && local ? { demo: revealDemo(demo) } : {}),
    };
    return reply.header('Cache-Control', 'no-store').send(config);
  });

  if (options.callApi !== undefined) serveCallApi(app, options.callApi);
  const { trunks } = options;
  if (trunks !== undefined)
    app.get('/api/trunks', (request, reply) => {
      // Addresses of carriers are nobody else's business.
      if (!isLocalRequest(request.raw)) {
        reply.callNotFound();
        return reply;
      }
      return reply.header('Cache-Control', 'no-store').send(trunks());
    });

  if (demo === undefined) return;
  app.get('/api/demo/reports', async (request, reply) => {
    if (!isLocalRequest(request.raw)) {
      reply.callNotFound();
      return reply;
    }
    const reports = await demo.reports();
    return reply.header('Cache-Control', 'no-store').send(reports);
  });
}

async function healthOf(options: WebOptions): Promise<HealthReport> {
  try {
    return await options.health();
  } catch (error) {
    options.log.error({ err: error }, 'the health check failed');
    const sentence = 'The health check itself failed; see the log.';
    return { up: false, parts: { health: { up: false, sentence } } };
  }
}

function revealDemo(demo: DemoWeb): NonNullable<ClientConfig['demo']> {
  const { user, password, numbers } = demo;
  const plain = numbers.map(({ number, label }) => ({ number, label }));
  return { user, password: password.reveal(), numbers: plain };
}
