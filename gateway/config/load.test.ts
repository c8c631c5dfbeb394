import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenPlaces } from './listen-places.js';
import { loadConfig } from './load.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-config-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('loadConfig with a file', () => {
  it('reads it and the environment given, and resolves the CDR file beside it', async () => {
    const file = join(folder, 'copperline.yaml');
    await writeFile(
      file,
      'sip: { domain: a }\nusers: [{ name: b, password: "${PW}" }]\ndialplan: { country: DE }\n',
    );
    const loaded = await loadConfig({ file, env: { PW: 'from-the-environment' } });
    expect(loaded.config.users[0]?.password.reveal()).toBe('from-the-environment');
    expect(loaded.cdrFile).toBe(join(folder, 'data', 'cdr.jsonl'));
    expect(loaded.demo).toBeUndefined();
  });

  it('leaves - for standard output, whatever folder the file is in', async () => {
    const file = join(folder, 'copperline.yaml');
    await writeFile(file, 'sip: { domain: a }\ndialplan: { country: DE }\ncdr: { file: "-" }\n');
    expect((await loadConfig({ file, env: {} })).cdrFile).toBe('-');
  });

  it.each([
    ['missing.yaml', 'cannot be read: there is no such file'],
    ['.', 'cannot be read: it is a directory'],
  ])('says why %s cannot be read', async (name, sentence) => {
    await expect(loadConfig({ file: join(folder, name) })).rejects.toMatchObject({
      code: 'CL_CONFIG_UNREADABLE',
      problems: [{ sentence }],
    });
  });
});

describe('loadConfig without a file', () => {
  it('configures the demo for this machine, with a new password each time', async () => {
    const first = await loadConfig({ env: {} });
    const second = await loadConfig({ env: {} });
    const { config, demo } = first;
    expect([
      config.web.host,
      config.media.relay.carrier.host,
      config.trunks[0]?.host,
      listenPlaces(config.sip.server)[0]?.host,
    ]).toEqual(Array(4).fill('127.0.0.1'));
    // Firefox finds no path to 127.0.0.1; ICE lets nobody in without a call's password.
    expect(config.media.relay.browser.host).toBe('0.0.0.0');
    const password = demo?.password.reveal() ?? '';
    expect(password).toMatch(/^[0-9a-f]{24}$/);
    expect(config.users[0]?.password.reveal()).toBe(password);
    expect(second.demo?.password.reveal()).not.toBe(password);
    expect(inspect(first, { depth: 10 })).not.toContain(password);
  });

  it('has a route for each number that the page offers', async () => {
    const { config, demo } = await loadConfig({ env: {} });
    const codes = config.dialplan.routes.flatMap((route) => route.short ?? []);
    expect(demo?.numbers.length).toBeGreaterThan(0);
    for (const { number } of demo?.numbers ?? []) expect(codes).toContain(number);
  });

  it('takes ports from the caller, and the page port from COPPERLINE_DEMO_PORT', async () => {
    const env = { COPPERLINE_DEMO_PORT: '9000' };
    const ports = { sip: 0, browserMedia: 0, carrierMedia: 0 } as const;
    const { config } = await loadConfig({ env, demo: { ports } });
    expect(config.web.port).toBe(9000);
    expect(config.sip.server).toMatchObject({ udp: { port: 0 } });
    expect(config.media.relay.carrier.ports).toBeUndefined();
    await expect(loadConfig({ env: { COPPERLINE_DEMO_PORT: 'x' } })).rejects.toMatchObject({
      code: 'CL_CONFIG_INVALID',
      problems: [{ path: 'web.port' }],
    });
  });
});
