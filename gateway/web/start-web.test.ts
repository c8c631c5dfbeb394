import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWebBench, type WebBench } from '../../test/support/web-bench.js';
import { Secret } from '../kernel/secret.js';
import type { DemoWeb } from './web-options.js';

let folder: string;
let bench: WebBench | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Copperline</title>');
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(folder, '.secret'), 'x');
});
afterEach(async () => {
  expect(await bench?.close()).toEqual([]);
  await rm(folder, { recursive: true });
});

async function start(changes: Parameters<typeof startWebBench>[0] = {}): Promise<WebBench> {
  bench = await startWebBench({ clientDirectory: folder, ...changes });
  return bench;
}

/** fetch() does not let a test choose the Host header. */
function get(web: WebBench, path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { host, port } = web.web.address;
    const sent = request({ host, port, path, headers }, (response) => {
      void text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      }, reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the page', () => {
  it('is served with a strict policy and asked for again each time', async () => {
    const { web } = await start();
    const response = await fetch(web.url);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Copperline');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const { host } = new URL(web.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`);
    expect(policy).not.toContain('unsafe');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('microphone=(self)') as string,
    });
  });

  it('lets pages of other origins load the SDK, and nothing else', async () => {
    await mkdir(join(folder, 'sdk'));
    await writeFile(join(folder, 'sdk', 'copperline-phone.js'), 'export {};');
    const { web } = await start();
    const response = await fetch(new URL('sdk/copperline-phone.js', web.url));
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    await response.text();
    const page = await fetch(web.url);
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
    await page.text();
  });

  it('keeps hashed files for good', async () => {
    const { web } = await start();
    const response = await fetch(new URL('assets/main-1a2b.js', web.url));
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    await response.text();
  });

  it.each(['/nothing', '/.secret', '/..%2f..%2fetc/passwd', '/assets/../../x', '/api/nothing'])(
    'has nothing at %s',
    async (path) => {
      const { status, body } = await get(await start(), path, {});
      expect([400, 403, 404]).toContain(status);
      expect(JSON.parse(body)).toHaveProperty('sentence');
    },
  );

  it('says so when it is not built', async () => {
    const { web } = await start({ clientDirectory: join(folder, 'missing') });
    const response = await fetch(web.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build:webclient');
  });

  it('puts no foreign text from the Host header into the policy', async () => {
    const started = await start();
    const { host, port } = started.web.address;
    const policy = await new Promise((resolve, reject) => {
      const headers = { Host: "x; script-src 'unsafe-inline'" };
      request({ host, port, headers }, (response) => {
        response.resume();
        resolve(response.headers['content-security-policy']);
      })
        .on('error', reject)
        .end();
    });
    expect(policy).not.toContain('unsafe-inline');
  });
});

const DEMO: DemoWeb = {
  user: 'alice',
  password: new Secret('demo-password'),
  numbers: [{ number: '600', label: 'Echo' }],
  reports: () => [{ digits: 4 }],
};

describe('/api/client-config', () => {
  it('tells the page what it needs, and no password: neither of the demo nor of a relay', async () => {
    const credential = new Secret('turn-password');
    const iceServers = [{ urls: ['turn:t'], username: 'u', credential }, { urls: ['stun:s'] }];
    const settings = { iceServers, testNumber: '600' };
    const { web } = await start({ settings, findUser: () => undefined });
    const response = await fetch(new URL('api/client-config', web.url));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      sipPath: '/sip',
      domain: 'phone.example.org',
      iceServers: [{ urls: ['stun:s'] }],
      turn: true,
      testNumber: '600',
    });
    expect((await fetch(new URL('api/turn', web.url), { method: 'POST' })).status).toBe(401);
    expect((await fetch(new URL('api/demo/reports', web.url))).status).toBe(404);
  });

  it('lets the page of the demo sign in on this machine', async () => {
    const { web } = await start({ demo: DEMO });
    const config: unknown = await (await fetch(new URL('api/client-config', web.url))).json();
    expect(config).toMatchObject({
      demo: {
        user: 'alice',
        password: 'demo-password',
        numbers: [{ number: '600', label: 'Echo' }],
      },
    });
    const reports = await fetch(new URL('api/demo/reports', web.url));
    expect(await reports.json()).toEqual([{ digits: 4 }]);
  });

  it.each<[string, Record<string, string>]>([
    ['a browser behind a proxy', { 'X-Forwarded-For': '203.0.113.1' }],
    ['a browser behind a proxy of RFC 7239', { Forwarded: 'for=203.0.113.1' }],
    ['a page that made its name resolve to this machine', { Host: 'evil.example' }],
    ['a name that only begins like ours', { Host: '127.0.0.1.evil.example' }],
  ])('keeps the password of the demo from %s', async (_name, headers) => {
    const started = await start({ demo: DEMO });
    const { status, body } = await get(started, '/api/client-config', headers);
    expect(status).toBe(200);
    expect(body).not.toContain('demo-password');
    expect(JSON.parse(body)).not.toHaveProperty('demo');
    expect((await get(started, '/api/demo/reports', headers)).status).toBe(404);
  });
});

describe('/health', () => {
  it.each([
    [200, { up: true, parts: { sip: { up: true } } }],
    [503, { up: false, parts: { sip: { up: false, sentence: 'The SIP server is gone.' } } }],
  ])('answers %i with the report', async (status, report) => {
    const { web } = await start({ health: () => Promise.resolve(report) });
    const response = await fetch(new URL('health', web.url));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(report);
  });

  it('is down when the check itself fails, and keeps the failure to itself', async () => {
    const { web } = await start({ health: () => Promise.reject(new Error('internal detail')) });
    const response = await fetch(new URL('health', web.url));
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('internal detail');
  });
});

describe('start and stop', () => {
  it('names address and port when the port is taken', async () => {
    const { web } = await start();
    const { port } = web.address;
    await expect(startWebBench({ settings: { port } })).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      sentence: `The web server cannot listen on 127.0.0.1 port ${port} (web.host, web.port): another program already listens there.`,
    });
  });

  it('names an address that this machine does not have', async () => {
    await expect(startWebBench({ settings: { host: '192.0.2.1' } })).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      sentence: expect.stringContaining('this machine does not have that address') as string,
    });
    await start();
  });

  it('closes twice like once', async () => {
    const { web } = await start();
    await Promise.all([web.close(), web.close()]);
  });
});
