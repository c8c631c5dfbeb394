import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  startExternalSipServer,
  type RestartableSipServer,
} from '../../support/external-sip-server.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

let server: RestartableSipServer;
let gateway: ExternalGateway;

beforeAll(async () => {
  server = await startExternalSipServer();
});
afterAll(() => server.close());

beforeEach(async () => {
  if (!server.running) await server.restart();
  gateway = await ExternalGateway.start({ server: server.settings });
});
afterEach(async () => {
  await gateway.settled();
  await gateway.close();
});

/** A call to the scripted carrier that is up. */
async function connect(browser: GatewayBrowser): Promise<PeerMessage> {
  const invite = await browser.invite('900', browserOffer());
  const carrierInvite = await gateway.scripted.next('INVITE');
  gateway.scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  return ok;
}

async function health(): Promise<{ status: number; text: string }> {
  const response = await fetch(new URL('/health', gateway.app.url));
  return { status: response.status, text: await response.text() };
}

/** A browser can sign in and call. */
async function expectService(): Promise<void> {
  await expect.poll(async () => (await health()).status, { timeout: 15_000 }).toBe(200);
  const browser = await gateway.browser();
  expect((await browser.register()).status).toBe(200);
  const ok = await connect(browser);
  browser.callerRequest('BYE', ok, { sequence: 3 });
  await browser.next(200, 'BYE');
}

describe('an external SIP server that goes away', () => {
  it('while idle: browsers are told, the health check says so, and all is well when it is back', async () => {
    const browser = await gateway.browser();
    await browser.register();
    const closed = browser.closedByGateway();
    await server.kill();
    expect((await closed).sentence).toContain('SIP server');
    await expect.poll(async () => (await health()).status).toBe(503);
    expect((await health()).text).toContain('There is no connection to the SIP server.');
    const late = await gateway.browser();
    expect((await late.closedByGateway()).sentence).toContain('not available');
    await server.restart();
    await expectService();
  });

  it('in the middle of a call: the call ends with a record that says why', async () => {
    const browser = await gateway.browser();
    await connect(browser);
    const closed = browser.closedByGateway();
    await server.kill();
    await closed;
    await expect.poll(() => gateway.app.calls.count).toBe(0);
    await expect.poll(async () => (await gateway.app.counts()).media.sessions).toBe(0);
    await server.restart();
    await expectService();
    const [first, second] = await gateway.close();
    expect(first).toMatchObject({ dialled: '900' });
    expect(first?.end.sentence).toMatch(/SIP server|WebSocket/);
    expect(second).toMatchObject({ dialled: '900', end: { by: 'browser' } });
  });

  it('while a phone rings: the caller’s call ends, too', async () => {
    const browser = await gateway.browser();
    await browser.invite('900', browserOffer());
    gateway.scripted.reply(await gateway.scripted.next('INVITE'), 180);
    await browser.next(180);
    const closed = browser.closedByGateway();
    await server.kill();
    await closed;
    await expect.poll(() => gateway.app.calls.count).toBe(0);
    await server.restart();
    await expectService();
  });
});
