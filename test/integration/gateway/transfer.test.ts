import { afterAll, beforeAll, expect, it } from 'vitest';
import { carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.start();
});
afterAll(() => world.close());

const mediaOf = (sdp: string): string | undefined => /^m=audio .*$/m.exec(sdp)?.[0];

it('a browser refers its carrier to another number: both talk over a session of their own', async () => {
  const { browser, ok, carrierInvite } = await world.connect();
  const headers = { 'Refer-To': '<sip:600@gateway.test>' };
  browser.callerRequest('REFER', ok, { sequence: 3, headers });
  await browser.next(202, 'REFER');
  browser.reply(await browser.next('NOTIFY'), 200);
  const second = await world.carrier.next('INVITE');
  expect(second.require('Call-ID')).not.toBe(carrierInvite.require('Call-ID'));
  world.carrier.reply(second, 200, { tag: 'second', body: carrierAnswer(8, 31_000) });
  const reInvite = await world.carrier.nextThat(
    ({ method, headers: all }) =>
      method === 'INVITE' &&
      all.some(([name, value]) => name === 'Call-ID' && value === carrierInvite.require('Call-ID')),
  );
  expect(mediaOf(reInvite.body)).toMatch(/RTP\/AVP 8/);
  expect(mediaOf(reInvite.body)).not.toBe(mediaOf(carrierInvite.body));
  world.carrier.reply(reInvite, 200, {
    body: carrierAnswer(8, 30_000).replace('1 1 IN', '1 2 IN'),
  });
  const last = await browser.next('NOTIFY');
  expect([last.body.trim(), last.require('Subscription-State')]).toEqual([
    ...['SIP/2.0 200 OK', 'terminated;reason=noresource'],
  ]);
  browser.reply(last, 200);
  const bye = await browser.next('BYE');
  expect(bye.require('Reason')).toContain('The call was transferred');
  browser.reply(bye, 200);
  expect(world.app.calls.list()).toHaveLength(1);
  world.carrier.answerWhatEndsCalls();
  world.carrier.calleeRequest('BYE', carrierInvite, { sequence: 1 });
  await world.carrier.next(200, 'BYE');
  const [cdr] = await world.settle(1);
  expect(cdr).toMatchObject({ user: 'alice', transfers: [{ to: '600', by: 'browser of alice' }] });
});
