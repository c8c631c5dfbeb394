import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Metrics } from './metrics.js';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on an address of its own, so that it is never on the port that the world reaches.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export async function serveMetrics(
  metrics: Metrics,
  at: { host: string; port: number },
  log: Log,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      log.error({ err: error }, 'the metrics could not be collected');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const known = request.url === '/metrics';
    if (!known || request.method !== 'GET') {
      response.writeHead(known ? 405 : 404).end();
      return;
    }
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  }
  server.listen(at.port, at.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const sentence = `The metrics cannot be served on ${at.host} port ${at.port} (metrics.host, metrics.port): ${code}.`;
    throw new CopperlineError('CL_START_PORT_IN_USE', { sentence, cause: error });
  }
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    url: `http://${host}:${port}/metrics`,
    close: async () => {
      metrics.stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
