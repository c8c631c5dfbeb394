import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  openExternalSipServer,
  type ExternalSipServer,
} from '../../support/external-sip-server.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

/** What servers of this protocol do differently: every case ran against a drachtio-server, too. */
let server: ExternalSipServer;
let gateway: ExternalGateway;

beforeAll(async () => {
  server = await openExternalSipServer();
  gateway = await ExternalGateway.start({ server: server.settings });
});
afterAll(async () => {
  await gateway.close();
  await server.close();
});
afterEach(() => gateway.settled());

/** A call to the scripted carrier that is up, without audio. */
async function connect(
  browser: GatewayBrowser,
): Promise<{ ok: PeerMessage; carrierInvite: PeerMessage }> {
  const invite = await browser.invite('900', browserOffer());
  const carrierInvite = await gateway.scripted.next('INVITE');
  gateway.scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  return { ok, carrierInvite };
}

/** The gateway knows that its 200 went out; until then it has nowhere to pass an INFO to. */
function callIsUp(): Promise<void> {
  return new Promise((resolve) => {
    gateway.app.calls.events.on('changed', ({ state }) => {
      if (state === 'up') resolve();
    });
  });
}

async function hangUp(browser: GatewayBrowser, ok: PeerMessage, sequence = 3): Promise<void> {
  browser.callerRequest('BYE', ok, { sequence });
  await browser.next(200, 'BYE');
}

describe('an INVITE to a carrier', () => {
  it('answers its challenge, within the same call', async () => {
    const { scripted } = gateway;
    const browser = await gateway.browser();
    const invite = await browser.invite('900', browserOffer());
    const first = await scripted.next('INVITE');
    scripted.reply(first, 407, {
      headers: { 'Proxy-Authenticate': 'Digest realm="c", nonce="n1", algorithm=MD5, qop="auth"' },
    });
    const second = await scripted.next('INVITE');
    expect(second.require('Proxy-Authorization')).toMatch(
      /^Digest .*username="account".*nonce="n1"/,
    );
    expect(second.require('Call-ID')).toBe(first.require('Call-ID'));
    expect(second.tag('From')).toBe(first.tag('From'));
    expect(second.sequence).toBe(first.sequence + 1);
    scripted.reply(second, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await hangUp(browser, ok);
  });

  it('carries the caller’s number and name', async () => {
    const browser = await gateway.browser();
    const { ok, carrierInvite } = await connect(browser);
    expect(carrierInvite.require('From')).toContain('"Älice \\"A\\" Bäcker" <sip:+493012345670@');
    expect(carrierInvite.uri).toBe(`sip:900@${gateway.scripted.sentBy};transport=udp`);
    await hangUp(browser, ok);
  });

  it('goes to the next trunk when the first one is silent', async () => {
    const browser = await gateway.browser();
    const invite = await browser.invite('901', browserOffer());
    const carrierInvite = await gateway.scripted.next('INVITE');
    gateway.scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await hangUp(browser, ok);
  });

  it('tells of ringing, then of early media, then of the answer', async () => {
    const { scripted } = gateway;
    const browser = await gateway.browser();
    const invite = await browser.invite('900', browserOffer());
    const carrierInvite = await scripted.next('INVITE');
    scripted.reply(carrierInvite, 180);
    await browser.answerTo(invite, 180);
    scripted.reply(carrierInvite, 183, { body: carrierAnswer() });
    const early = await browser.answerTo(invite, 183);
    scripted.reply(carrierInvite, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    expect(ok.tag('To')).toBe(early.tag('To'));
    expect(ok.body).toContain('m=audio');
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await hangUp(browser, ok);
  });
});

describe('inside a call', () => {
  it('takes INFO and OPTIONS of the carrier, and refuses REFER', async () => {
    const { scripted } = gateway;
    const browser = await gateway.browser();
    const up = callIsUp();
    const { ok, carrierInvite } = await connect(browser);
    await up;
    const type = 'application/vnd.copperline.dtmf-report+json';
    scripted.calleeRequest('INFO', carrierInvite, {
      ...{ sequence: 1, headers: { 'Content-Type': type }, body: '{"digits":"grün"}' },
    });
    await scripted.next(200, 'INFO');
    const info = await browser.next('INFO');
    expect([info.require('Content-Type'), info.body]).toEqual([type, '{"digits":"grün"}']);
    browser.reply(info, 200);
    scripted.calleeRequest('OPTIONS', carrierInvite, { sequence: 2 });
    await scripted.next(200, 'OPTIONS');
    const headers = { 'Refer-To': '<sip:900@127.0.0.1>' };
    scripted.calleeRequest('REFER', carrierInvite, { sequence: 3, headers });
    // `transfer: refuse` is the trunk's default.
    const refusal = await scripted.nextThat(
      ({ about, status }) => about === 'REFER' && (status ?? 0) >= 200,
    );
    expect(refusal.status).toBe(603);
    expect(refusal.require('Reason')).toContain('may not transfer calls');
    await hangUp(browser, ok);
  });

  it('answers a re-INVITE of the browser, and one without SDP of the carrier', async () => {
    const { scripted } = gateway;
    const browser = await gateway.browser();
    const { ok, carrierInvite } = await connect(browser);
    scripted.calleeRequest('INVITE', carrierInvite, { sequence: 1 });
    const offer = await scripted.next(200, 'INVITE');
    expect(offer.body).toContain('m=audio');
    scripted.calleeRequest('ACK', carrierInvite, { sequence: 1, body: carrierAnswer() });
    const again = browser.callerRequest('INVITE', ok, { sequence: 3, body: browserOffer() });
    const answer = await browser.nextThat(
      ({ status, about, sequence }) =>
        (status ?? 0) >= 200 && about === 'INVITE' && sequence === again.sequence,
    );
    expect(answer.status).toBe(200);
    expect(answer.address('Contact')).toContain('transport=ws');
    browser.callerRequest('ACK', ok, { sequence: 3 });
    await hangUp(browser, ok, 4);
  });

  it('passes the carrier’s reason for its BYE', async () => {
    const browser = await gateway.browser();
    const { carrierInvite } = await connect(browser);
    const headers = { Reason: 'Q.850;cause=31;text="Network out of order"' };
    gateway.scripted.calleeRequest('BYE', carrierInvite, { sequence: 1, headers });
    await gateway.scripted.next(200, 'BYE');
    const bye = await browser.next('BYE');
    expect(bye.require('Reason')).toContain('The carrier hung up (Network out of order).');
    browser.reply(bye, 200);
  });
});

describe('a browser’s WebSocket', () => {
  it('takes keep-alives and answers OPTIONS', async () => {
    const browser = await gateway.browser();
    browser.socket.ping();
    browser.request('OPTIONS', { uri: 'sip:gateway.test' });
    expect((await browser.next(200, 'OPTIONS')).require('Allow')).toContain('INVITE');
  });

  it('carries an offer of 8000 bytes', async () => {
    const browser = await gateway.browser();
    const candidates = Array.from(
      { length: 130 },
      (_, index) => `a=candidate:${index} 1 udp 2122260223 192.0.2.1 ${40_000 + index} typ host`,
    );
    const body = browserOffer((lines) => [...lines, ...candidates]);
    expect(body.length).toBeGreaterThan(7_500);
    const invite = await browser.invite('900', body);
    const carrierInvite = await gateway.scripted.next('INVITE');
    gateway.scripted.reply(carrierInvite, 486);
    expect(await browser.refusalOf(invite)).toMatchObject({ status: 486 });
  });
});
