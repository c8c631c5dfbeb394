import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DtmfReport } from '../../gateway/demo/dtmf-report.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { findFirefox, Firefox, shadowElement as element } from '../support/firefox.js';
import { Readme } from '../support/readme.js';
import { startShopPage, type ShopPage } from '../support/shop-page.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

const executable = findFirefox();

/** Keeps the connection of the widget; headless Firefox has no audio output to listen to. */
const KEEP_CONNECTION = `{
  const Real = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Real {
    constructor(...settings) { super(...settings); globalThis.connection = this; }
  };
}`;
/** How much was heard: energy of the samples that were decoded, so far. */
const HEARD_ENERGY = `connection.getStats().then((stats) =>
  [...stats.values()].find(({ type }) => type === 'inbound-rtp')?.totalAudioEnergy ?? 0)`;

// Firefox is not on every developer's machine; apt-get install firefox-esr runs them. CI never skips.
describe.skipIf(executable === undefined && process.env['CI'] !== 'true')(
  'the widget in Firefox, on a page of another origin',
  () => {
    let build: WebclientBuild;
    let gateway: DemoGateway;
    let shop: ShopPage;
    let firefox: Firefox;

    beforeAll(async () => {
      build = await buildWebclient();
      shop = await startShopPage();
      gateway = await DemoGateway.start({ webRoot: build.directory, siteOrigins: [shop.origin] });
      firefox = await Firefox.launch(executable ?? 'firefox-esr');
    });
    afterEach(async () => {
      await expect
        .poll(
          async () => {
            const { calls, web, media } = await gateway.app.counts();
            const { connections: sockets, visits } = web;
            return { calls, sockets, visits, sessions: media.sessions };
          },
          { timeout: 30_000 },
        )
        .toEqual({ calls: 0, sockets: 0, visits: 0, sessions: 0 });
    });
    afterAll(async () => {
      await firefox.close();
      await gateway.close();
      await shop.close();
      await build.remove();
    });

    const shown = (expression: string) =>
      expect.poll(() => firefox.evaluate(expression), { timeout: 60_000 });
    const click = (testId: string) => firefox.evaluate(`${element(testId)}.click()`);
    const state = (): ReturnType<typeof shown> =>
      shown(`${element('status')}?.dataset.state ?? ''`);

    /** The line of the README, on a page with the policy of the README; a script of ours keeps its connection. */
    async function open(attributes: string): Promise<void> {
      const readme = await Readme.read();
      const { origin, host } = new URL(gateway.app.url);
      const local = (text: string): string =>
        text
          .replaceAll('https://gw.example', origin)
          .replaceAll('wss://gw.example', `ws://${host}`);
      const tag = readme.snippet('The widget', 'html').replace('SITEKEY', 'demo');
      const policy = readme.find(/Content-Security-Policy: (script-src [^\n]*)/);
      shop.show({
        html: `<script>${KEEP_CONNECTION}</script>${local(tag).replace(' async', `${attributes} async`)}`,
        csp: `default-src 'none'; ${local(policy).replace('script-src', "script-src 'unsafe-inline'")}`,
      });
      await firefox.open(shop.origin);
      await shown(
        `${element('button')} !== undefined && !document.querySelector('copperline-call').hidden`,
      ).toBe(true);
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

    it('calls the phone menu, is heard, and sends keys', async () => {
      await open(' data-destination="ivr"');
      await click('button');
      await state().toBe('talking');
      await expect
        .poll(() => gateway.carrier.calls()[0]?.hears?.frequencyHz ?? 0, { timeout: 60_000 })
        .toBeGreaterThan(0);
      await click('keys');
      const digits = digitsToPound();
      for (const key of ['1', '3', 'pound']) await click(`key-${key}`);
      expect(await digits).toBe('13#');
      await click('hang-up');
      await state().toBe('ended');
    });

    it('hears itself from the echo, and ends the call when the page goes away', async () => {
      await open(' data-destination="echo"');
      await click('button');
      await state().toBe('talking');
      await shown(HEARD_ENERGY).toBeGreaterThan(0.001);
      await firefox.open('about:blank');
      await expect.poll(() => gateway.app.calls.count, { timeout: 30_000 }).toBe(0);
    });
  },
);
