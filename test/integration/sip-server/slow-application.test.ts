import { afterEach, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import { SECRET, SipServerHarness } from '../../support/sip-server-harness.js';
import { WireApplication } from '../../support/wire-application.js';
import { AppConnectionClient } from '../../support/app-connection-client.js';

let harness: SipServerHarness;
afterEach(() => harness.close());

async function application(): Promise<WireApplication> {
  const client = await AppConnectionClient.open(harness.server.applicationAddress);
  const app = new WireApplication(client);
  await app.command(`authenticate|${SECRET}|`);
  return app;
}

it('an application that reads nothing is given up, and what it left gets 503', async () => {
  // What comes over the WebSocket is not held up by rates.
  harness = await SipServerHarness.start(new ManualClock(), {
    guard: { trusted: ['192.0.2.0/24'] },
  });
  const app = await application();
  await app.command('route|message');
  app.client.pause();
  const browser = await harness.webSocketPeer();
  const body = 'x'.repeat(60_000);
  // Until 32 MB wait for it, besides what the network has taken.
  for (let sent = 0; harness.server.counts().applications > 0; sent += 1) {
    expect(sent).toBeLessThan(2_000);
    browser.request('MESSAGE', { body });
    if (sent % 50 === 0) await new Promise(setImmediate);
  }
  await browser.next(503);
  expect(harness.server.counts()).toMatchObject({ waiting: 0 });
  app.client.destroy();
  const next = await application();
  await next.command('route|message');
  browser.request('MESSAGE', { body });
  await next.respond((await next.event('MESSAGE sip:'))[8], '200 OK');
  await browser.next(200);
  next.client.destroy();
});
