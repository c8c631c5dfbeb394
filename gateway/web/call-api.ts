import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Secret } from '../kernel/secret.js';
import type { CallApi } from './web-options.js';

const BODY_LIMIT_BYTES = 1_024;

const REFUSALS = {
  unknown: { status: 404, error: 'There is no such call.' },
  early: { status: 409, error: 'The call is not up.' },
  unreadable: {
    status: 400,
    error:
      'The digits cannot be taken: 0-9, *, #, A-D, "," for a pause of 2 s and "w" to wait for a tone, 100 characters at most.',
  },
} as const;

/** POST /api/calls/:id/digits with `{ "digits": "1234,,5#" }` and the token of the settings (RFC 6750 section 2.1). */
export function serveCallApi(app: FastifyInstance, api: CallApi): void {
  app.post<{ Params: { id: string }; Body: unknown }>(
    '/api/calls/:id/digits',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      // Before the body is read.
      onRequest: async (request, reply) => {
        if (holdsToken(request.headers.authorization, api.token)) return;
        await reply
          .code(401)
          .header('WWW-Authenticate', 'Bearer')
          .send({ error: 'The token of the API is missing or wrong.' });
      },
    },
    (request, reply) => {
      const text = digitsOf(request.body);
      const verdict = text === undefined ? 'unreadable' : api.sendDigits(request.params.id, text);
      void reply.header('Cache-Control', 'no-store');
      if (verdict === 'taken') return reply.code(202).send({ taken: true });
      const { status, error } = REFUSALS[verdict];
      return reply.code(status).send({ error });
    },
  );
}

function digitsOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('digits' in body)) return undefined;
  return typeof body.digits === 'string' ? body.digits : undefined;
}

function holdsToken(header: string | undefined, token: Secret): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(hash(given), hash(token.reveal()));
}

/** Of one length, as the comparison wants it. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
