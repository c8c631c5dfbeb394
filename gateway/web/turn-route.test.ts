import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Secret } from '../kernel/secret.js';
import { mintTurnCredentials } from './turn-credentials.js';
import { serveTurn } from './turn-route.js';

const TURN = { urls: ['turn:t.example:3478'], secret: new Secret('north'), ttlSeconds: 600 };

let clock: ManualClock;
let app: FastifyInstance;
beforeEach(() => {
  clock = new ManualClock();
  app = fastify();
  serveTurn(app, {
    turn: TURN,
    findUser: (name) => (name === 'alice' ? { password: new Secret('a:b c') } : undefined),
    trustProxy: false,
    clock,
  });
});
afterEach(() => app.close());

async function ask(authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  return app.inject({ method: 'POST', url: '/api/turn', headers });
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('mintTurnCredentials', () => {
  it('has the form that coturn checks', () => {
    // printf %s 1700000600:alice | openssl dgst -sha1 -hmac north -binary | base64
    expect(mintTurnCredentials(TURN, 'alice', 1_700_000_000_999)).toEqual({
      urls: ['turn:t.example:3478'],
      username: '1700000600:alice',
      credential: 'gthUwOpcRoLI0MMCziCEBOWYnpo=',
    });
  });
});

describe('POST /api/turn', () => {
  it('gives a user credentials that end', async () => {
    const response = await ask(basic('alice:a:b c'));
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toEqual({
      iceServers: [mintTurnCredentials(TURN, 'alice', clock.now())],
      ttlSeconds: 600,
    });
    expect(response.body).not.toContain('north');
  });

  it.each([undefined, 'Bearer x', 'Basic !', basic('alice'), basic('alice:wrong'), basic('bob:x')])(
    'gives a stranger nothing: %s',
    async (authorization) => {
      const response = await ask(authorization);
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'CL_WEB_TURN_REFUSED' });
      expect(response.body).not.toContain('turn:');
    },
  );

  it('shuts out an address that guesses, for a while', async () => {
    for (let guess = 0; guess < 10; guess += 1) await ask(basic(`alice:${guess}`));
    const blocked = await ask(basic('alice:a:b c'));
    expect(blocked.statusCode).toBe(429);
    expect(blocked.headers['retry-after']).toBe('60');
    clock.advance(60_000);
    expect((await ask(basic('alice:a:b c'))).statusCode).toBe(200);
  });
});
