import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, SHOP, solve, testSite } from '../../../test/support/widget-site.js';
import { startWebBench, type WebBench } from '../../../test/support/web-bench.js';
import { Secret } from '../../kernel/secret.js';
import { verifyTurnstile } from '../tokens/turnstile.js';
import { mintTurnCredentials } from '../turn-credentials.js';
import type { Site } from './site.js';

let bench: WebBench;
afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

async function start(change: Partial<Site> = {}): Promise<string> {
  bench = await startWebBench({ sites: [testSite(change)] });
  return bench.web.url;
}

const token = (url: string, body: unknown = {}, origin = SHOP): ReturnType<typeof ask> =>
  ask(url, 'shop/token', { origin, body });

describe('GET of a site', () => {
  it('tells a page of the site everything but numbers', async () => {
    const hours = [{ days: ['mon'], from: '09:00', to: '17:00', timezone: 'Europe/Berlin' }];
    const url = await start({ hours, texts: { button: 'Call us' }, publicNumber: '+4930111' });
    const { status, headers, body } = await ask(url, 'shop', { method: 'GET' });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ site: 'shop', language: 'auto', texts: { button: 'Call us' }, open: true, hours },
      destinations: [{ name: 'sales', label: 'Sales' }, { name: 'support' }],
      ...{ defaultDestination: 'sales', challenge: 'none', publicNumber: '+4930111' },
    });
    expect(headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect(headers.get('vary')).toBe('Origin');
  });

  it('answers a preflight of a page of the site, and of no other', async () => {
    const url = await start();
    const own = await ask(url, 'shop/token', { method: 'OPTIONS' });
    expect(own.status).toBe(204);
    expect(own.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(own.headers.get('access-control-allow-headers')).toBe('content-type');
    const foreign = await ask(url, 'shop/token', { method: 'OPTIONS', origin: 'https://evil.x' });
    expect(foreign.status).toBe(403);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('knows no other site', async () => {
    const url = await start();
    const { status, body } = await ask(url, 'other', { method: 'GET' });
    expect([status, body['code']]).toEqual([404, 'CL_WIDGET_SITE_UNKNOWN']);
  });
});

describe('POST for a token', () => {
  it('comes with TURN credentials of its own, for a while', async () => {
    const turn = { urls: ['turn:t.example'], secret: new Secret('north'), ttlSeconds: 600 };
    bench = await startWebBench({ sites: [testSite()], settings: { turn } });
    const { body } = await token(bench.web.url);
    expect(body['iceServers']).toEqual([
      mintTurnCredentials(turn, 'widget~shop', bench.clock.now()),
    ]);
  });

  it.each([
    ['a foreign origin', 'https://evil.example'],
    ['an origin that only begins like ours', `${SHOP}.evil.example`],
    ['the same host on another port', `${SHOP}:8443`],
    ['an opaque origin', 'null'],
    ['no origin', ''],
  ])('is refused to %s', async (_name, origin) => {
    const { status, headers, body } = await token(await start(), {}, origin);
    expect([status, body['code']]).toEqual([403, 'CL_WIDGET_ORIGIN']);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('takes a page of the gateway itself where the site says so', async () => {
    const url = await start({ origins: ['same-origin'] });
    expect((await token(url, {}, new URL(url).origin)).status).toBe(200);
    expect((await token(url)).body['code']).toBe('CL_WIDGET_ORIGIN');
  });

  it('gives what a call needs, and no number', async () => {
    const { status, body } = await token(await start(), { destination: 'support' });
    expect(status).toBe(200);
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      ...{ sipPath: '/sip', domain: 'phone.example.org', user: 'widget~shop' },
      ...{ destination: 'support', iceServers: [] },
    });
  });

  it.each(['+493012345678', '__proto__'])('is refused for the destination %s', async (name) => {
    const { status, body } = await token(await start(), { destination: name });
    expect([status, body['code']]).toEqual([403, 'CL_WIDGET_DESTINATION']);
  });

  it('takes a body that is no object for an empty one', async () => {
    const url = await start();
    for (const body of [[], 'text', 7]) expect((await token(url, body)).status).toBe(200);
  });

  it('is refused when the site is closed', async () => {
    const url = await start({ isOpen: () => false });
    const { status, body } = await token(url);
    expect([status, body['code']]).toEqual([403, 'CL_WIDGET_CLOSED']);
    expect((await ask(url, 'shop', { method: 'GET' })).body['open']).toBe(false);
  });

  it('is refused beyond the quotas', async () => {
    const url = await start();
    for (let call = 0; call < 3; call++) expect((await token(url)).status).toBe(200);
    const { status, body } = await token(url);
    expect([status, body['code']]).toEqual([429, 'CL_WIDGET_QUOTA']);
  });

  it('is refused to a flood from one address', async () => {
    const url = await start({ isOpen: () => false });
    const codes = [];
    for (let call = 0; call < 25; call++) codes.push((await token(url)).body['code']);
    expect(codes.slice(0, 20)).toEqual(Array(20).fill('CL_WIDGET_CLOSED'));
    expect(codes.slice(20)).toEqual(Array(5).fill('CL_WIDGET_RATE'));
  });
});

describe('a challenge', () => {
  it('of proof of work must be solved, once for each token', async () => {
    const url = await start({ challenge: { kind: 'proof-of-work', bits: 8 } });
    expect((await token(url)).body['code']).toBe('CL_WIDGET_CHALLENGE');
    const { body } = await ask(url, 'shop/challenge', { body: {} });
    expect(body).toMatchObject({ kind: 'proof-of-work', bits: 8 });
    const challenge = String(body['challenge']);
    const solved = { challenge, solution: solve(challenge, 8) };
    expect((await token(url, solved)).status).toBe(200);
    expect((await token(url, solved)).body).toEqual({
      code: 'CL_WIDGET_CHALLENGE',
      sentence: 'The challenge was used before.',
    });
  });

  it('of a service is asked there, with the secret that no page sees', async () => {
    const asked: string[] = [];
    const service = createServer((request, response) => {
      void text(request).then((form) => {
        asked.push(form);
        if (form.includes('response=broken')) response.writeHead(500);
        response.end(JSON.stringify({ success: form.includes('response=good') }));
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    const verifyUrl = `http://127.0.0.1:${port}/verify`;
    const at = { verifyUrl, secret: new Secret('turnstile-secret') };
    const url = await start({
      challenge: {
        kind: 'turnstile-like',
        verify: (response, address) => verifyTurnstile(at, response, address),
      },
    });
    expect((await token(url, { response: 'good' })).status).toBe(200);
    expect((await token(url, { response: 'bad' })).body['code']).toBe('CL_WIDGET_CHALLENGE');
    expect((await token(url)).body['code']).toBe('CL_WIDGET_CHALLENGE');
    const broken = await token(url, { response: 'broken' });
    expect([broken.status, broken.body['code']]).toEqual([503, 'CL_WIDGET_CHALLENGE_SERVICE']);
    expect(broken.body['sentence']).not.toContain('turnstile-secret');
    expect(asked[0]).toBe('secret=turnstile-secret&response=good&remoteip=127.0.0.1');
    await new Promise((resolve) => service.close(resolve));
  });
});
