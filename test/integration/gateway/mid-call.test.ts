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

const BROWSER_ANSWER = browserOffer((lines) =>
  lines.map((line) => line.replace('actpass', 'active').replace('111 9 0 8 110 126', '0 126')),
);
const portOf = (sdp: string): string | undefined => /^m=audio (\d+)/m.exec(sdp)?.[1];
const versionOf = (sdp: string): number => Number(/^o=\S+ \S+ (\d+)/m.exec(sdp)?.[1]);

async function end(calls = 1): Promise<void> {
  await world.hangUp(call);
  await world.settle(calls, [KEY_IN_LOG]);
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

  it.each(['INVITE', 'UPDATE'])(
    'or %s with another port, codec and payload type is agreed with the browser and answered',
    async (method) => {
      const { browser, carrierInvite } = call;
      const body = `${carrierAnswer(0, 32_000).replace('1 1 IN', '1 2 IN').replace('RTP/AVP 0', 'RTP/AVP 0 99')}a=rtpmap:99 telephone-event/8000\r\n`;
      world.carrier.calleeRequest(method, carrierInvite, { sequence: 1, body });
      const asked = await browser.next('INVITE');
      expect(asked.body).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 /m);
      browser.reply(asked, 200, { body: BROWSER_ANSWER });
      await browser.next('ACK');
      const ok = await world.carrier.next(200, method);
      expect(ok.body).toMatch(/^m=audio \d+ RTP\/AVP 0 99\r$/m);
      expect(portOf(ok.body)).toBe(portOf(carrierInvite.body));
      expect(versionOf(ok.body)).toBe(versionOf(carrierInvite.body) + 1);
      if (method === 'INVITE') world.carrier.calleeRequest('ACK', carrierInvite, { sequence: 1 });
      await end();
    },
  );

  it('of the carrier that the browser refuses gets 488, and the call goes on', async () => {
    const { browser, carrierInvite } = call;
    const body = carrierAnswer(0, 32_000).replace('1 1 IN', '1 2 IN');
    const reInvite = world.carrier.calleeRequest('INVITE', carrierInvite, { sequence: 1, body });
    const asked = await browser.next('INVITE');
    browser.reply(asked, 488);
    await browser.next('ACK');
    const refusal = await world.carrier.next(488, 'INVITE');
    expect(refusal.require('Reason')).toContain('The browser of alice does not take the change.');
    world.carrier.sameBranch('ACK', reInvite, refusal.require('To'));
    expect(world.app.calls.list().map(({ state }) => state)).toEqual(['up']);
    await end();
  });

  it('of the browser that holds goes to the carrier as sendonly, and is resumed', async () => {
    const { browser, ok } = call;
    for (const [index, direction] of ['sendonly', 'sendrecv'].entries()) {
      const body = browserOffer((lines) =>
        lines.map((line) => line.replace('a=sendrecv', `a=${direction}`)),
      ).replace('6 2 IN', `6 ${index + 3} IN`);
      browser.callerRequest('INVITE', ok, { sequence: 3 + index, body });
      const told = await world.carrier.next('INVITE');
      expect(told.body).toContain(`a=${direction}\r\n`);
      const answer = direction === 'sendonly' ? 'a=recvonly\r\n' : '';
      const version = `1 ${index + 2} IN`;
      world.carrier.reply(told, 200, {
        body: carrierAnswer().replace('1 1 IN', version) + answer,
      });
      const agreed = await browser.next(200, 'INVITE');
      browser.callerRequest('ACK', agreed, { sequence: 3 + index });
      expect(agreed.body).toContain(direction === 'sendonly' ? 'a=recvonly' : 'a=sendrecv');
    }
    browser.callerRequest('BYE', ok, { sequence: 5 });
    await browser.next(200, 'BYE');
    await world.settle(1);
  });

  it('of the browser with garbage is refused, and the call goes on', async () => {
    const { browser, ok } = call;
    const reInvite = browser.callerRequest('INVITE', ok, { sequence: 3, body: 'garbage' });
    const refusal = await browser.next(400, 'INVITE');
    browser.sameBranch('ACK', reInvite, refusal.require('To'));
    browser.callerRequest('BYE', ok, { sequence: 4 });
    await browser.next(200, 'BYE');
    await world.settle(1);
  });

  it('without SDP gets an offer, and its ACK brings the answer', async () => {
    const { carrierInvite } = call;
    world.carrier.calleeRequest('INVITE', carrierInvite, { sequence: 1 });
    const offer = await world.carrier.next(200, 'INVITE');
    expect(portOf(offer.body)).toBe(portOf(carrierInvite.body));
    expect(offer.body).toContain('a=sendrecv');
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

  it('an INVITE of the carrier for a number that nobody has is refused with a sentence', async () => {
    const invite = world.carrier.request('INVITE', { body: browserOffer() });
    const refusal = await world.carrier.next(404, 'INVITE');
    expect(refusal.require('Reason')).toContain('No rule of inbound.numbers is for the number bob');
    world.carrier.sameBranch('ACK', invite, refusal.require('To'));
    await end(2);
  });

  it('BYE of a stranger, who guessed no tag, is refused', async () => {
    const { carrierInvite } = call;
    world.carrier.request('BYE', { headers: { 'Call-ID': carrierInvite.require('Call-ID') } });
    expect((await world.carrier.next(481, 'BYE')).status).toBe(481);
    await end();
  });
});
