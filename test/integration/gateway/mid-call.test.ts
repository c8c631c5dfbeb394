import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';

let world: GatewayWorld;
let call: UpCall;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

beforeEach(async () => {
  call = await world.connect();
  world.carrier.answerWhatEndsCalls();
});

afterAll(() => world.close());

/** A key that would stand out in a log, and the form it has in SIP. */
const KEY = '#';
const KEY_IN_LOG = /Signal|"#"|=#|digits?"\s*:\s*"(?!\[redacted\])/;
const relayed = (key: string): string => `Signal=${key}\r\nDuration=160\r\n`;
const DTMF = { 'Content-Type': 'application/dtmf-relay' };

async function end(): Promise<void> {
  await world.hangUp(call);
  await world.settle(1, [KEY_IN_LOG]);
}

describe('INFO', () => {
  it('with a key goes from the browser to the carrier', async () => {
    const heard: string[] = [];
    world.carrier.behave((request) => {
      if (request.method === 'INFO') heard.push(request.body);
      if (request.method !== 'ACK') world.carrier.reply(request, 200);
      return true;
    });
    const { browser, ok } = call;
    browser.callerRequest('INFO', ok, { sequence: 3, headers: DTMF, body: relayed(KEY) });
    expect((await browser.next(200, 'INFO')).status).toBe(200);
    expect(heard).toEqual([relayed(KEY)]);
    browser.callerRequest('BYE', ok, { sequence: 4 });
    await browser.next(200, 'BYE');
    await world.settle(1, [KEY_IN_LOG]);
  });

  it('with keys goes from the carrier to the browser, in order', async () => {
    const { browser, carrierInvite } = call;
    const keys = ['7', '*', KEY, 'A'];
    for (const [index, key] of keys.entries()) {
      const how = { sequence: index + 1, headers: DTMF, body: relayed(key) };
      world.carrier.calleeRequest('INFO', carrierInvite, how);
      await world.carrier.next(200, 'INFO');
    }
    const shown: string[] = [];
    while (shown.length < keys.length) {
      const info = await browser.next('INFO');
      shown.push(/Signal=(.)/.exec(info.body)?.[1] ?? '');
      browser.reply(info, 200);
    }
    expect(shown).toEqual(keys);
    await end();
  });

  it.each([
    ['without a key', 'application/dtmf-relay', 'Signal=x\r\n', 400],
    ['of another kind', 'application/media_control+xml', '<x/>', 415],
    ['with nothing', undefined, '', 415],
  ])('%s is answered, and the call goes on', async (...[, type, body, status]) => {
    const { carrierInvite } = call;
    const headers = { 'Content-Type': type };
    world.carrier.calleeRequest('INFO', carrierInvite, { sequence: 1, headers, body });
    expect((await world.carrier.next(status, 'INFO')).status).toBe(status);
    expect(call.browser.inbox.filter(({ method }) => method === 'INFO')).toEqual([]);
    await end();
  });
});

describe('a re-INVITE', () => {
  it('of the carrier that repeats its SDP is answered with what was agreed', async () => {
    const { carrierInvite } = call;
    const how = { sequence: 1, body: carrierAnswer() };
    const reInvite = world.carrier.calleeRequest('INVITE', carrierInvite, how);
    const ok = await world.carrier.next(200, 'INVITE');
    expect(ok.body).toBe(carrierInvite.body);
    world.carrier.calleeRequest('ACK', carrierInvite, { sequence: reInvite.sequence });
    await end();
  });

  it('of the carrier with other media is refused, and the call goes on', async () => {
    const { carrierInvite } = call;
    const body = carrierAnswer(0, 32_000).replace('1 1 IN', '1 2 IN');
    const reInvite = world.carrier.calleeRequest('INVITE', carrierInvite, { sequence: 1, body });
    const refusal = await world.carrier.next(488, 'INVITE');
    expect(refusal.require('Reason')).toContain('cannot be changed');
    world.carrier.sameBranch('ACK', reInvite, refusal.require('To'));
    expect(world.app.calls.list().map(({ state }) => state)).toEqual(['up']);
    await end();
  });

  it('of the browser with garbage is refused, and the call goes on', async () => {
    const { browser, ok } = call;
    const reInvite = browser.callerRequest('INVITE', ok, { sequence: 3, body: 'garbage' });
    const refusal = await browser.next(488, 'INVITE');
    browser.sameBranch('ACK', reInvite, refusal.require('To'));
    browser.callerRequest('BYE', ok, { sequence: 4 });
    await browser.next(200, 'BYE');
    await world.settle(1);
  });

  it('without SDP gets the agreed one as an offer', async () => {
    const { carrierInvite } = call;
    world.carrier.calleeRequest('INVITE', carrierInvite, { sequence: 1 });
    const offer = await world.carrier.next(200, 'INVITE');
    expect(offer.body).toBe(carrierInvite.body);
    const answer = { sequence: 1, body: carrierAnswer() };
    world.carrier.calleeRequest('ACK', carrierInvite, answer);
    await end();
  });
});

describe('other requests in a call', () => {
  it.each(['MESSAGE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'FOO'])('%s is answered', async (method) => {
    world.carrier.calleeRequest(method, call.carrierInvite, { sequence: 1 });
    const answer = await world.carrier.nextThat(
      ({ about, status }) => about === method && status !== 100,
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await end();
  });

  it('an INVITE of a stranger to a browser’s number is refused with a sentence', async () => {
    const invite = world.carrier.request('INVITE', { body: browserOffer() });
    const refusal = await world.carrier.next(403, 'INVITE');
    expect(refusal.require('Reason')).toContain('is no browser of this gateway');
    world.carrier.sameBranch('ACK', invite, refusal.require('To'));
    await end();
  });

  it('BYE of a stranger, who guessed no tag, is refused', async () => {
    const { carrierInvite } = call;
    world.carrier.request('BYE', { headers: { 'Call-ID': carrierInvite.require('Call-ID') } });
    expect((await world.carrier.next(481, 'BYE')).status).toBe(481);
    await end();
  });
});
