import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Secret } from '../kernel/secret.js';
import { mintTurnCredentials } from './turn-credentials.js';
import { serveTurn } from './turn-route.js';

const TURN = { urls: ['turn:t.example:3478'], secret: new Secret('north'), ttlSeconds: 600 };

let clock: ManualClock;
let app: FastifyInstance;

type Settings = Parameters<typeof serveTurn>[1]['settings'];
const SETTINGS: Settings = {
  iceServers: [],
  turn: TURN,
  trustProxy: false,
  origins: ['https://own.example'],
};

async function serve(settings: Settings): Promise<void> {
  await app.close();
  app = fastify();
  serveTurn(app, {
    settings,
    findUser: (name) => (name === 'alice' ? { password: new Secret('a:b c') } : undefined),
    clock,
  });
}

beforeEach(async () => {
  clock = new ManualClock();
  app = fastify();
  await serve(SETTINGS);
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

  it('gives a user the servers of the settings as well, with their passwords', async () => {
    const iceServers = [
      { urls: ['turn:s.example'], username: 'u', credential: new Secret('south') },
      { urls: ['stun:s.example'] },
    ];
    await serve({ ...SETTINGS, iceServers });
    expect((await ask(basic('alice:a:b c'))).json()).toEqual({
      iceServers: [
        { urls: ['turn:s.example'], username: 'u', credential: 'south' },
        { urls: ['stun:s.example'] },
        mintTurnCredentials(TURN, 'alice', clock.now()),
      ],
      ttlSeconds: 600,
    });
    await serve({ trustProxy: false, origins: 'same-origin', iceServers });
    expect((await ask(basic('alice:a:b c'))).json()).toMatchObject({
      iceServers: [{ credential: 'south' }, { urls: ['stun:s.example'] }],
      ttlSeconds: 3600,
    });
    expect((await ask()).body).not.toContain('south');
  });

  it('is for pages that may open the WebSocket, and for no others', async () => {
    const preflight = (origin: string) =>
      app.inject({ method: 'OPTIONS', url: '/api/turn', headers: { origin } });
    const own = await preflight('https://own.example');
    expect([own.statusCode, own.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://own.example',
    ]);
    expect(own.headers['access-control-allow-headers']).toBe('authorization');
    expect(own.headers['access-control-allow-credentials']).toBeUndefined();
    const foreign = await preflight('https://evil.example');
    expect(foreign.statusCode).toBe(403);
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    const asked = await app.inject({
      ...{ method: 'POST', url: '/api/turn' },
      headers: { origin: 'https://own.example', authorization: basic('alice:a:b c') },
    });
    expect(asked.headers['access-control-allow-origin']).toBe('https://own.example');
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
