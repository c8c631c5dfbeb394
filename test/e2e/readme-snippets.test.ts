import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build as bundle } from 'vite';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApp, type App } from '../../gateway/app.js';
import { checkConfig } from '../../gateway/config/parse.js';
import type { ConfigInput } from '../../gateway/config/schema.js';
import type { DtmfReport } from '../../gateway/demo/dtmf-report.js';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { browserStage } from '../support/browser-stage.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';
import { Readme } from '../support/readme.js';
import { EAVESDROP, startShopPage, STRONGEST_HZ, type ShopPage } from '../support/shop-page.js';

const run = promisify(execFile);
/** What the fake microphone plays. */
const TONE_HZ = 1000;
const SDK = 'The SDK';

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
let shop: ShopPage;
let readme: Readme;
let context: BrowserContext | undefined;

beforeAll(async () => {
  shop = await startShopPage();
  readme = await Readme.read();
  gateway = await DemoGateway.start({
    webRoot: stage.directory,
    siteOrigins: [shop.origin],
    web: { origins: [shop.origin] },
  });
});

afterAll(async () => {
  await gateway.close();
  await shop.close();
});

/** Every snippet ends here: no call and no WebSocket is left. */
afterEach(async () => {
  await context?.close();
  context = undefined;
  await expect
    .poll(
      async () => {
        const { calls, web, media } = await gateway.app.counts();
        return { calls, sockets: web.connections, visits: web.visits, sessions: media.sessions };
      },
      { timeout: 20_000 },
    )
    .toEqual({ calls: 0, sockets: 0, visits: 0, sessions: 0 });
});

/** The gateway and an account of this test in place of those of the README. */
function local(text: string): string {
  const { origin, host } = new URL(gateway.app.url);
  return text
    .replaceAll('https://gw.example', origin)
    .replaceAll('wss://gw.example', `ws://${host}`)
    .replaceAll('wss://pbx.example:8089/ws', `ws://${host}/sip`)
    .replaceAll(/'(gw|pbx)\.example'/g, "'localhost'")
    .replaceAll("'secret'", `'${gateway.account('alice').password}'`)
    .replaceAll('stun:stun.example', 'stun:127.0.0.1:9');
}

async function open(html: string, csp?: string): Promise<Page> {
  shop.show({ html, csp, whole: true });
  context = await stage.browser.newContext();
  await context.addInitScript(EAVESDROP);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(shop.origin);
  return page;
}

const strongest = (page: Page, near: number): Promise<void> =>
  expect
    .poll(() => page.evaluate<number>(STRONGEST_HZ), { timeout: 20_000 })
    .toSatisfy((hz: number) => Math.abs(hz - near) < 20);

/** What the carrier heard up to the next #, however it was split. */
function digitsToPound(): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const remove = gateway.carrier.onReport((report: DtmfReport) => {
      heard += report.digits.map(({ digit }) => digit).join('');
      if (!heard.endsWith('#')) return;
      remove();
      resolve(heard);
    });
  });
}

/** A gateway by the settings of the README as they stand, but for its ports and its carrier, which is the demo's. */
async function startBySettings(): Promise<App> {
  const code = readme.snippet('The softphone', 'yaml').replace('${ALICE_PASSWORD}', 'secret-word');
  const input = parse(code) as ConfigInput;
  const [trunk] = input.trunks ?? [];
  const { host, sipPort } = gateway.carrier;
  const changed: ConfigInput = {
    ...input,
    web: { ...input.web, port: 0 },
    sip: { ...input.sip, server: { embedded: { udp: { port: 0 } } } },
    media: { relay: { browser: { port: 0 }, carrier: { ports: { min: 0, max: 0 } } } },
    trunks: [{ name: trunk?.name ?? '', host, port: sipPort }],
  };
  const at = { source: 'README.md', written: changed, lineOf: () => undefined };
  return startApp({
    config: checkConfig(changed, at),
    cdrFile: join(stage.folder, 'cdr.jsonl'),
    ...{ webRoot: stage.directory, log: silentLog, clock: systemClock },
  });
}

describe('the softphone of the README', () => {
  it('signs in the agent of the settings, and calls the number for tests', async () => {
    const app = await startBySettings();
    try {
      const account = { user: 'alice', password: 'secret-word' };
      const phone = await LiveSoftphone.signIn(stage.browser, app.url, account);
      await phone.state('registration-state', 'registered');
      await phone.dial('600', 'in-call');
      await expect
        .poll(async () => Math.round((await phone.strongestTone())?.frequencyHz ?? 0), {
          timeout: 20_000,
        })
        .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);
      await phone.hangUp();
      await phone.close();
    } finally {
      await app.close();
    }
  });
});

describe('the widget of the README', () => {
  it('calls from a page that has nothing else', async () => {
    const tag = readme.snippet('The widget', 'html');
    const page = await open(`<!doctype html>${local(tag).replace('SITEKEY', 'demo')}`);
    await page.getByTestId('button').click();
    await page.getByTestId('destination-echo').click();
    await page.locator('[data-testid=status][data-state=talking]').waitFor();
    await strongest(page, TONE_HZ);
    await page.getByTestId('hang-up').click();
    await page.locator('[data-testid=status][data-state=ended]').waitFor();
  });
});

describe('the SDK of the README', () => {
  const shown = (page: Page, text: string): Promise<void> =>
    page.locator('#state').filter({ hasText: text }).waitFor();

  it('makes a page that registers, calls 600, hears its tone, sends digits and hangs up', async () => {
    const inline = local(readme.find(/Content-Security-Policy of your page needs `([^`]*)`/));
    // The page of the README has its script inside.
    const csp = `default-src 'none'; ${inline.replace('script-src', "script-src 'unsafe-inline'")}`;
    const page = await open(local(readme.snippet(SDK, 'html')), csp);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await shown(page, 'registered');
    await page.locator('#call').click();
    await shown(page, 'in-call');
    await strongest(page, TONE_HZ);
    const heard = digitsToPound();
    await page.locator('#send').click();
    await shown(page, '# sent');
    expect(await heard).toBe('1234#');
    await page.locator('#hang-up').click();
    await shown(page, 'ended');
    await expect.poll(() => gateway.carrier.counts().calls).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('is a script with a global as well', async () => {
    const page = await open(`<!doctype html>${local(readme.snippet(SDK, 'html', 1))}`);
    await page.waitForFunction("document.title === 'registered'");
    await page.evaluate('phone.disconnect()');
  });

  it('is a package with types, whose example compiles, calls and hands the call on', async () => {
    const example = await packageProject();
    await bundle({
      ...{ configFile: false, logLevel: 'warn', root: example },
      build: {
        ...{ outDir: join(example, 'dist'), minify: false, target: 'es2022' },
        lib: { entry: join(example, 'example.ts'), formats: ['iife'], name: 'Example' },
        rollupOptions: { output: { entryFileNames: 'example.js' } },
      },
    });
    const script = await readFile(join(example, 'dist', 'example.js'), 'utf8');
    const page = await open(`<!doctype html><script>${script}</script>`);
    await page.evaluate(`new Promise((resolve) => {
      Example.phone.on('registration', ({ name }) => name === 'registered' && resolve());
      Example.phone.connect();
    })`);
    const end = await page.evaluate(`new Promise((resolve) => {
      const call = Example.callAndTransfer(Example.phone, '600', '440');
      call.on('state', (now) => now.name === 'ended' && resolve(JSON.stringify(now.end)));
    })`);
    expect(JSON.parse(String(end))).not.toHaveProperty('failure');
    await expect.poll(() => gateway.carrier.calls().map(({ dialled }) => dialled)).toContain('440');
    await page.evaluate('Example.phone.disconnect()');
    // It takes no calls after this: the test is the last one.
    await gateway.app.calls.endAll('The test is over.');
  });
});

/** A project of a developer that has the package of the gateway installed and the example of the README in it; compiled strictly. */
async function packageProject(): Promise<string> {
  const project = join(stage.folder, 'project');
  const installed = join(project, 'node_modules', 'copperline-phone');
  await mkdir(installed, { recursive: true });
  const archive = join(stage.folder, 'copperline-phone.tgz');
  const response = await fetch(new URL('sdk/copperline-phone.tgz', gateway.app.url));
  await writeFile(archive, Buffer.from(await response.arrayBuffer()));
  await run('tar', ['-xzf', archive, '--strip-components=1', '-C', installed]);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  await writeFile(join(project, 'example.ts'), local(readme.snippet(SDK, 'ts')));
  for (const moduleResolution of ['bundler', 'nodenext']) await compile(project, moduleResolution);
  return project;
}

async function compile(project: string, moduleResolution: string): Promise<void> {
  const compilerOptions = {
    ...{ module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution, moduleResolution },
    ...{ target: 'es2022', lib: ['es2022', 'dom'], types: [], noEmit: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  };
  const settings = { compilerOptions, files: ['example.ts'] };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const result = await run(process.execPath, [tsc, '-p', project]).catch(
    (failed: unknown) => failed,
  );
  expect(result).toMatchObject({ stdout: '' });
}
