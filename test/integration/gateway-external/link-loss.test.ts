import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CuttableRelay } from '../../support/cuttable-relay.js';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  openExternalSipServer,
  type ExternalSipServer,
} from '../../support/external-sip-server.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';

/** Only the connection for applications breaks; the SIP server, browsers and carriers notice nothing. */
let server: ExternalSipServer;
let relay: CuttableRelay;
let gateway: ExternalGateway;

beforeAll(async () => {
  server = await openExternalSipServer();
  relay = await CuttableRelay.open(server.settings);
  const settings = { ...server.settings, host: '127.0.0.1', port: relay.port };
  gateway = await ExternalGateway.start({ server: settings });
});
afterAll(async () => {
  await gateway.close();
  await relay.close();
  await server.close();
});
afterEach(() => gateway.settled());

/** The gateway has its connection, or has it again. */
async function connected(): Promise<void> {
  const health = new URL('/health', gateway.app.url);
  await expect.poll(async () => (await fetch(health)).status, { timeout: 10_000 }).toBe(200);
}

describe('a connection to the SIP server that breaks', () => {
  it('in the middle of a call: both sides are hung up, the next call works', async () => {
    const { scripted } = gateway;
    for (let round = 0; round < 2; round++) {
      await connected();
      const browser = await gateway.browser();
      const invite = await browser.invite('900', browserOffer());
      const carrierInvite = await scripted.next('INVITE');
      scripted.behave(() => false);
      scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
      await scripted.next('ACK');
      const ok = await browser.answerTo(invite, 200);
      browser.callerRequest('ACK', ok, { sequence: 2 });
      relay.cut();
      scripted.reply(await scripted.next('BYE'), 200);
      browser.reply(await browser.next('BYE'), 200);
      await expect.poll(() => gateway.app.calls.count).toBe(0);
    }
  });

  it('while the carrier rings: the INVITE is cancelled', async () => {
    const { scripted } = gateway;
    await connected();
    const browser = await gateway.browser();
    await browser.invite('900', browserOffer());
    const carrierInvite = await scripted.next('INVITE');
    scripted.behave(() => false);
    scripted.reply(carrierInvite, 180);
    await browser.next(180);
    relay.cut();
    const cancel = await scripted.next('CANCEL');
    scripted.reply(cancel, 200);
    scripted.reply(carrierInvite, 487);
    await expect.poll(() => gateway.app.calls.count).toBe(0);
  });
});
