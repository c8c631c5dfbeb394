import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

afterAll(() => world.close());

describe('a WebSocket', () => {
  it('that never speaks is closed with a sentence', async () => {
    const browser = await world.browser();
    const closed = browser.closedByGateway();
    await expect.poll(async () => (await world.app.counts()).sip?.flows).toBe(1);
    await world.skip(10_000);
    expect(await closed).toEqual({ code: 1008, sentence: 'No SIP message came within 10 s.' });
    await world.settle(0);
  });

  it('that speaks JSON is not understood, and harms nobody', async () => {
    const browser = await world.browser();
    browser.sendText(JSON.stringify({ method: 'INVITE', to: '600' }));
    expect((await browser.register()).status).toBe(200);
    expect(world.log.filter(({ msg }) => msg === 'malformed SIP message')).toHaveLength(1);
    await world.settle(0);
  });

  it('that floods is closed with a sentence, and others go on', async () => {
    const other = await world.browser('bob');
    const flooder = await world.browser();
    const closed = flooder.closedByGateway();
    for (let count = 0; count < 1_000; count++) flooder.request('OPTIONS');
    expect(await closed).toEqual({ code: 1008, sentence: 'More than 50 messages per second.' });
    expect((await other.register()).status).toBe(200);
    await world.settle(0);
  });

  it.each([
    ['a foreign page', { origin: 'https://evil.example' }, 403, 'CL_WEB_ORIGIN'],
    ['no page', {}, 403, 'CL_WEB_ORIGIN'],
  ])('of %s is refused', async (...[, options, status, code]) => {
    const url = new URL('/sip', world.app.url.replace('http', 'ws'));
    const socket = new WebSocket(url, 'sip', options);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    const body = Buffer.concat((await response.toArray()) as Buffer[]).toString();
    expect(response.statusCode).toBe(status);
    expect(JSON.parse(body)).toMatchObject({
      code,
      sentence: expect.stringMatching(/^[A-Z].+\.$/) as string,
    });
    await world.settle(0);
  });
});

describe('a browser that vanishes', () => {
  it('in a call: after the grace period the carrier gets BYE, and the record says why', async () => {
    world.carrier.answerWhatEndsCalls();
    const { browser } = await world.connect();
    browser.vanish();
    await expect.poll(() => world.app.calls.list().map(({ state }) => state)).toEqual(['detached']);
    await world.skip(9_000);
    expect(world.app.calls.count).toBe(1);
    await world.skip(1_500);
    await expect.poll(() => world.app.calls.count).toBe(0);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({
      end: {
        ...{ by: 'browser', code: 'CL_CALL_BROWSER_LOST' },
        sentence: 'The WebSocket of the browser was lost and did not come back within 10 s.',
      },
    });
  });

  it('in a call, whose carrier hangs up meanwhile: the call ends at once', async () => {
    const { browser, carrierInvite } = await world.connect();
    browser.vanish();
    await expect.poll(() => world.app.calls.list().map(({ state }) => state)).toEqual(['detached']);
    world.carrier.calleeRequest('BYE', carrierInvite, { sequence: 1 });
    await world.carrier.next(200, 'BYE');
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ end: { by: 'carrier', code: 'NORMAL' } });
  });

  it('while it rings: the carrier gets CANCEL at once', async () => {
    world.carrier.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    world.carrier.reply(await world.carrier.next('INVITE'), 180);
    await browser.answerTo(invite, 180);
    browser.vanish();
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ end: { by: 'browser', code: 'CL_CALL_BROWSER_LOST' } });
  });

  it('before the carrier says anything, and the carrier never does', async () => {
    const browser = await world.browser();
    await browser.invite('600', browserOffer());
    await world.carrier.next('INVITE');
    browser.vanish();
    await expect.poll(() => world.app.calls.count).toBe(0);
    await world.skip(40_000);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ end: { by: 'browser', code: 'CL_CALL_BROWSER_LOST' } });
  });

  it('between the carrier’s 200 and its own ACK', async () => {
    world.carrier.answerWhatEndsCalls();
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    world.carrier.reply(await world.carrier.next('INVITE'), 200, { body: carrierAnswer() });
    await browser.answerTo(invite, 200);
    // Before that, the call would end as one whose browser went away while it was being answered.
    await expect.poll(() => world.app.calls.list()[0]?.state).toBe('up');
    browser.vanish();
    // The SIP server tells it by itself; a skip of the clock could let the grace period end first.
    await expect.poll(() => world.app.calls.count).toBe(0);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({
      ...{ by: 'browser', code: 'CL_CALL_LEG_LOST' },
      sentence: 'The SIP dialog ended: Connection lost before ACK.',
    });
  });
});
