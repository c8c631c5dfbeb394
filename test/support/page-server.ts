import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** The strictest policy that the page must live with. */
const STRICT_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export interface PageServerOptions {
  directory: string;
  /** Answer to `GET /api/client-config`; undefined answers 404. */
  clientConfig: () => unknown;
}

/** Serves a built page under a strict Content-Security-Policy. Listens on a free port of 127.0.0.1. */
export async function startPageServer(options: PageServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response, options);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: PageServerOptions,
): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
  const config = path === '/api/client-config' ? options.clientConfig() : undefined;
  response.setHeader('content-security-policy', STRICT_CSP);
  if (config !== undefined) {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(config));
    return;
  }
  const file = path === '/' ? '/index.html' : path;
  try {
    const content = await readFile(join(options.directory, file));
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}
