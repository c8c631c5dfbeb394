import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

/** Serves the built page. Files under assets/ carry a hash in their names, so they never change. */
export async function serveClient(app: FastifyInstance, directory: string): Promise<void> {
  if (!existsSync(join(directory, 'index.html'))) {
    app.get('/', (_request, reply) =>
      reply
        .code(503)
        .type('text/plain')
        .send('The web client is not built: npm run build:webclient\n'),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: directory,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) => {
      const hashed = path.startsWith(join(directory, 'assets') + sep);
      response.setHeader('Cache-Control', hashed ? YEAR : ASK_AGAIN);
    },
  });
}
