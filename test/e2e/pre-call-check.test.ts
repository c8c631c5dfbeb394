import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { launchChromium } from '../support/chromium.js';
import { Coturn } from '../support/coturn.js';
import { DemoGateway, type DemoGatewayOptions } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';
import { looksRight } from '../support/softphone-looks.js';

const stage = browserStage();
let gateway: DemoGateway;
let phone: LiveSoftphone;

/** No call is left, neither of the check nor of a person. */
afterEach(async () => {
  await phone.close();
  await expect.poll(() => gateway.app.calls.count).toBe(0);
  await expect.poll(() => gateway.carrier.counts().calls).toBe(0);
  await gateway.close();
});

/** The page, signed in, with its settings open. */
async function open(
  options: Partial<DemoGatewayOptions> & { query?: string; browser?: Browser } = {},
): Promise<void> {
  const { query = '', browser: other = stage.browser, ...settings } = options;
  gateway = await DemoGateway.start({ webRoot: stage.directory, ...settings });
  phone = await LiveSoftphone.open(other, gateway.app.url + query);
  await phone.page.emulateMedia({ reducedMotion: 'reduce' });
  await phone.get('settings-button').click();
}

/** Runs the check; resolves with `verdict` of each light. */
async function check(verdict: string): Promise<Record<string, string | null>> {
  await phone.get('check-button').click();
  await phone.page
    .locator(`[data-testid=check][data-state=${verdict}]`)
    .waitFor({ timeout: 60_000 });
  const lights: Record<string, string | null> = {};
  for (const part of ['microphone', 'webSocket', 'udp', 'turn'])
    lights[part] = await phone.get(`check-${part}`).getAttribute('data-verdict');
  return lights;
}

const sentence = (part: string): Promise<string | null> => phone.get(`check-${part}`).textContent();

describe('the check before calls', () => {
  it('is green where everything works, and finds that by a call that nobody sees', async () => {
    await open();
    expect(await check('good')).toEqual({
      ...{ microphone: 'good', webSocket: 'good', udp: 'good', turn: 'good' },
    });
    expect(await sentence('udp')).toContain('straight to the server');
    expect(await sentence('turn')).toContain('Not needed');
    await looksRight(phone.page, 'check-good');
    await expect.poll(() => gateway.carrier.counts().calls).toBe(0);
    expect(await phone.page.evaluate('copperline.phone.calls.length')).toBe(0);
    expect(await phone.get('call-state').getAttribute('data-state')).toBe('idle');

    await phone.get('test-call-button').click();
    await phone.state('call-state', 'in-call');
    expect(gateway.carrier.calls()).toMatchObject([{ dialled: '600' }]);
    await phone.hangUp();
    expect(phone.complaints).toEqual([]);
  });

  it('says that the microphone is not allowed, and tries no call', async () => {
    const denying = await launchChromium({ microphone: 'deny' });
    try {
      await open({ browser: denying });
      expect(await check('bad')).toMatchObject({ microphone: 'bad', webSocket: 'good' });
      expect(await sentence('microphone')).toContain('not allowed to use the microphone');
      expect(await sentence('udp')).toContain('not tried');
    } finally {
      await phone.close();
      await denying.close();
    }
  });

  it('is red where audio has no way, and says that there is no relay', async () => {
    // Nothing but relays, and there are none: as in a network that lets no UDP through.
    await open({ query: '?ice=relay' });
    expect(await check('bad')).toMatchObject({ webSocket: 'good', udp: 'bad', turn: 'bad' });
    expect(await sentence('turn')).toContain('the server has none');
    await looksRight(phone.page, 'check-bad');
  });

  it('says so when the test call is refused', async () => {
    await open({ web: { testNumber: '486' } });
    expect(await check('good')).toMatchObject({ udp: 'unknown', turn: 'unknown' });
    expect(await sentence('udp')).toMatch(/not tried\. .*busy/i);
  });
});

describe.skipIf(!Coturn.installed)('behind a TURN server (coturn)', () => {
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await Coturn.start();
  });
  afterAll(async () => {
    await coturn.close();
  });

  it('the page fetches credentials by itself, and calls over the relay alone', async () => {
    await open({ query: '?ice=relay', web: { turn: coturn.settings } });
    const config = (await (
      await fetch(new URL('api/client-config', gateway.app.url))
    ).json()) as object;
    expect(config).toMatchObject({ turn: true, iceServers: [] });
    expect(await check('limited')).toMatchObject({ udp: 'limited', turn: 'good' });
    expect(await sentence('turn')).toContain('it works');
    await phone.get('test-call-button').click();
    await phone.state('call-state', 'in-call');
    const pair = `copperline.peerConnection().getStats().then((stats) => {
      const { selectedCandidatePairId: id } = [...stats.values()].find(({ type }) => type === 'transport');
      return stats.get(stats.get(id)?.localCandidateId)?.candidateType;
    })`;
    await expect.poll(() => phone.page.evaluate(pair), { timeout: 20_000 }).toBe('relay');
    await expect
      .poll(async () => (await phone.strongestTone())?.levelDb ?? -200, { timeout: 20_000 })
      .toBeGreaterThan(-100);
    await phone.hangUp();
  });

  it('fetches others before those expire, without a call', async () => {
    await open({ query: '?ice=relay', web: { turn: { ...coturn.settings, ttlSeconds: 4 } } });
    let asked = 0;
    phone.page.on('request', (request) => {
      if (request.url().endsWith('/api/turn')) asked += 1;
    });
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    // Those of the beginning are over by now.
    await phone.get('test-call-button').click();
    await phone.state('call-state', 'in-call');
    await expect
      .poll(async () => (await phone.strongestTone())?.levelDb ?? -200, { timeout: 20_000 })
      .toBeGreaterThan(-100);
    await phone.hangUp();
  });
});
