import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DtmfReport } from '../../gateway/demo/dtmf-report.js';
import { browserStage } from '../support/browser-stage.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { EAVESDROP, startShopPage, STRONGEST_HZ, type ShopPage } from '../support/shop-page.js';

const TONE_HZ = 1000;

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
let shop: ShopPage;
let context: BrowserContext | undefined;
let complaints: string[] = [];

beforeAll(async () => {
  shop = await startShopPage();
  gateway = await DemoGateway.start({ webRoot: stage.directory, siteOrigins: [shop.origin] });
});

afterAll(async () => {
  await gateway.close();
  await shop.close();
});

/** Every test ends here: no call, no WebSocket and no token is left. */
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

/** The gateway of this test in place of the one of the README. */
function local(text: string | undefined): string {
  const { origin, host } = new URL(gateway.app.url);
  return (text ?? '')
    .replaceAll('https://gw.example', origin)
    .replaceAll('wss://gw.example', `ws://${host}`);
}

const readme = (): Promise<string> => readFile('webclient/README.md', 'utf8');

/** What a shop owner copies. */
async function snippet(extra = ''): Promise<string> {
  const found = /```html\n(<script[^\n]*data-site=[^\n]*)\n```/.exec(await readme())?.[1];
  return local(found).replace('SITEKEY', 'demo').replace(' async', `${extra} async`);
}

async function policy(): Promise<string> {
  const found = /Content-Security-Policy: (script-src [^\n]*)/.exec(await readme())?.[1];
  return `default-src 'none'; ${local(found)}`;
}

interface OpenOptions {
  path?: string;
  init?: string;
  context?: Parameters<Browser['newContext']>[0];
}

async function open(options: OpenOptions = {}): Promise<Page> {
  context = await stage.browser.newContext({ locale: 'en-US', ...options.context });
  if (options.init !== undefined) await context.addInitScript(options.init);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      complaints.push(message.text());
  });
  await page.goto(new URL(options.path ?? '/', shop.origin).href);
  return page;
}

const state = (name: string): string => `[data-testid=status][data-state=${name}]`;

async function hangUp(page: Page): Promise<void> {
  await page.getByTestId('hang-up').click();
  await page.locator(state('ended')).waitFor();
  // By a BYE: a WebSocket that is merely gone would be waited for, 10 s.
  await expect.poll(() => gateway.app.calls.count, { timeout: 5_000 }).toBe(0);
}

/** What the phone menu heard up to the next #, however it was split by pauses. */
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

describe('the script tag of the README, on a page of another origin', () => {
  it('calls the phone menu under a strict CSP, talks, and sends keys; a way through is remembered', async () => {
    shop.show({ html: await snippet(), csp: await policy() });
    const page = await open();
    const button = page.getByTestId('button');
    await button.waitFor();
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await button.click();
    expect(loaded).toEqual([]);
    await page.getByTestId('destination-ivr').click();
    await page.locator(state('talking')).waitFor();
    await expect
      .poll(() => gateway.carrier.calls()[0]?.hears?.frequencyHz, { timeout: 10_000 })
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 5);
    await page.getByTestId('keys').click();
    const digits = digitsToPound();
    for (const key of ['1', '3', 'pound']) await page.getByTestId(`key-${key}`).click();
    expect(await digits).toBe('13#');
    await page.getByTestId('remember').click();
    await page.getByTestId('mute').click();
    expect(await page.getByTestId('mute').getAttribute('aria-pressed')).toBe('true');
    await hangUp(page);

    await page.getByTestId('again').click();
    await page.locator(state('talking')).waitFor();
    await page.getByTestId('keys').click();
    const again = digitsToPound();
    expect(await page.getByTestId('shortcut').textContent()).toBe('1 then 3 then #');
    await page.getByTestId('shortcut').click();
    expect(await again).toBe('13#');
    await hangUp(page);
    expect(complaints).toEqual([]);
  });

  it('hears the other side; Escape closes the panel, not the call', async () => {
    const element = '<copperline-call site="demo" destination="echo"></copperline-call>';
    shop.show({ html: (await snippet()).replace(' data-site="demo"', '') + element });
    const page = await open({ init: EAVESDROP });
    await page.getByTestId('button').focus();
    await page.keyboard.press('Enter');
    await page.locator(state('talking')).waitFor();
    await expect
      .poll(() => page.evaluate<number>(STRONGEST_HZ), { timeout: 15_000 })
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('panel').isHidden()).toBe(true);
    await page.getByTestId('button').click();
    expect(await page.locator(state('talking')).isVisible()).toBe(true);
    await hangUp(page);
  });

  it('works inside a frame that may use the microphone', async () => {
    shop.show({ html: await snippet(' data-destination="echo"') });
    const page = await open({ path: '/outer' });
    const frame = page.frameLocator('iframe');
    await frame.getByTestId('button').click();
    await frame.locator(state('talking')).waitFor();
    await frame.getByTestId('hang-up').click();
    await frame.locator(state('ended')).waitFor();
  });

  it('ends the call when the page goes away', async () => {
    shop.show({ html: await snippet(' data-destination="echo"') });
    const page = await open();
    await page.getByTestId('button').click();
    await page.locator(state('talking')).waitFor();
    await page.goto('about:blank');
    await expect.poll(() => gateway.app.calls.count, { timeout: 20_000 }).toBe(0);
  });
});

/** Answers in place of the gateway what a page asks about its site. */
function siteIs(change: object): string {
  const info = {
    ...{ site: 'demo', language: 'auto', texts: {}, open: true, challenge: 'none' },
    hours: [
      {
        ...{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:30' },
        timezone: 'Europe/Berlin',
      },
    ],
    ...{ destinations: [{ name: 'x' }], defaultDestination: 'x', publicNumber: '+493012345678' },
    ...change,
  };
  return `{ const real = fetch; globalThis.fetch = (url, init) => String(url).endsWith('/sites/demo')
    ? Promise.resolve(Response.json(${JSON.stringify(info)})) : real(url, init); }`;
}

describe('a page on which nobody can call', () => {
  it('shows nothing where the gateway has no such site', async () => {
    shop.show({ html: (await snippet()).replace('"demo"', '"other"') });
    const page = await open();
    await page.locator('copperline-call').waitFor({ state: 'attached' });
    expect(await page.locator('copperline-call').isHidden()).toBe(true);
  });

  it.each([
    ['a microphone that is not allowed', 'NotAllowedError', 'not allowed'],
    ['no microphone', 'NotFoundError', 'No microphone'],
  ])('says what to do about %s, and takes no token', async (_name, error, sentence) => {
    shop.show({ html: await snippet(' data-destination="echo"') });
    const page = await open({
      init: `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '${error}'));`,
    });
    await page.getByTestId('button').click();
    await page.locator(state('ended')).waitFor();
    expect(await page.getByTestId('status').textContent()).toContain(sentence);
    expect((await gateway.app.counts()).web.visits).toBe(0);
  });

  it('offers the public number where the browser has no WebRTC', async () => {
    shop.show({ html: await snippet() });
    const page = await open({ init: `delete globalThis.RTCPeerConnection; ${siteIs({})}` });
    const link = page.getByTestId('tel');
    expect(await link.textContent()).toBe('Call +493012345678');
    expect(await link.getAttribute('href')).toBe('tel:+493012345678');
  });

  it('shows the opening hours when closed', async () => {
    shop.show({ html: await snippet() });
    const page = await open({ init: siteIs({ open: false }) });
    await page.getByTestId('button').click();
    expect(await page.getByTestId('closed').textContent()).toBe('We are closed right now.');
    expect(await page.getByTestId('hours').textContent()).toContain(
      'Mon–Fri 09:00–17:30 (Europe/Berlin)',
    );
  });
});

describe('what a page loads', () => {
  it('is a loader under 10 kB gzipped, for every origin and without cookies', async () => {
    const response = await fetch(new URL('widget.js', gateway.app.url));
    expect(gzipSync(await response.text()).length).toBeLessThan(10_000);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const page = await fetch(gateway.app.url);
    await page.text();
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is tried out on a page of the demo', async () => {
    const page = await open();
    await page.goto(new URL('widget-demo.html', gateway.app.url).href);
    await page.getByTestId('button').click();
    await page.getByTestId('destination-echo').click();
    await page.locator(state('talking')).waitFor();
    await hangUp(page);
    expect(complaints).toEqual([]);
  });
});

/** Views for people to look at, where COPPERLINE_SCREENSHOTS names a folder. */
const screenshots = process.env['COPPERLINE_SCREENSHOTS'];
describe.runIf(screenshots !== undefined)('screenshots', () => {
  it.each([
    ['light', { colorScheme: 'light', viewport: { width: 560, height: 620 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 560, height: 620 } }],
    ['narrow', { colorScheme: 'light', locale: 'de-DE', viewport: { width: 360, height: 640 } }],
  ] as const)('%s', async (name, options) => {
    shop.show({ html: await snippet() });
    const page = await open({ context: options });
    const shot = (view: string): Promise<Buffer> =>
      page.screenshot({ path: join(screenshots ?? '', `widget-${name}-${view}.png`) });
    await page.getByTestId('button').click();
    await page.getByTestId('destination-ivr').waitFor();
    await shot('choice');
    await page.getByTestId('destination-ivr').click();
    await page.locator(state('talking')).waitFor();
    await page.getByTestId('keys').click();
    for (const key of ['1', '3']) await page.getByTestId(`key-${key}`).click();
    await shot('call');
    await hangUp(page);
    await shot('ended');
  });
});
