import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfRequest, SrfResponse } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let srf: SrfClient;
let browser: SipPeer;
let expires: string;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
  browser = await harness.webSocketPeer();
  expires = '60';
  srf.register((req, res) => {
    res.send(200, { headers: { Contact: `${req.get('Contact')};expires=${expires}` } });
  });
  await routed(srf);
});
afterEach(() => harness.close());

async function register(from: SipPeer = browser, contact: string = browser.contact): Promise<void> {
  from.request('REGISTER', { headers: { Contact: contact } });
  await from.next(200, 'REGISTER');
}

const contactUri = (): string => browser.contact.slice(1, -1);

describe('SIP over WebSocket', () => {
  it('reports the browser by the address of its socket', async () => {
    const message = new Promise<SrfRequest>((resolve) => {
      srf.message((req, res) => {
        res.send(200);
        resolve(req);
      });
    });
    await routed(srf);
    browser.request('MESSAGE', { headers: { 'Content-Type': 'text/plain' }, body: 'grüß' });
    const req = await message;
    await browser.next(200);
    expect(`${req.source_address}:${req.source_port}`).toBe('192.0.2.7:40001');
    expect(req.body).toBe('grüß');
  });

  it('calls a registered browser at its .invalid contact, over its connection', async () => {
    await register();
    const calling = srf.createUAC(contactUri(), { localSdp: SDP, callingNumber: '100' });
    const invite = await browser.next('INVITE');
    expect(invite.uri).toBe(contactUri());
    expect(invite.require('Via')).toMatch(/^SIP\/2\.0\/WS gateway\.test:8443;branch=/);
    expect(invite.require('Contact')).toBe('<sip:100@gateway.test:8443;transport=ws>');
    expect(invite.require('From')).toContain('<sip:100@gateway.test:8443>');
    browser.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await browser.next('ACK');
    const destroyed = once(dialog, 'destroy');
    browser.calleeRequest('BYE', invite, { sequence: 1 });
    await destroyed;
    await browser.next(200, 'BYE');
  });

  it('takes a call from a browser that never registered, and reaches it in the dialog', async () => {
    const incoming = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
      srf.invite((req, res) => {
        resolve({ req, res });
      });
    });
    await routed(srf);
    browser.request('INVITE', { body: SDP });
    const { req, res } = await incoming;
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ok = await browser.next(200);
    expect(ok.require('Contact')).toBe('<sip:gateway.test:8443;transport=ws>');
    const acknowledged = once(dialog, 'ack');
    browser.callerRequest('ACK', ok, { sequence: 1 });
    await acknowledged;
    const ending = dialog.destroy();
    const bye = await browser.next('BYE');
    expect(bye.uri).toBe(contactUri());
    browser.reply(bye, 200);
    await ending;
  });

  it('forgets the connection when the registration ends', async () => {
    await register();
    expect(harness.server.counts().bindings).toBe(1);
    expires = '0';
    await register();
    expect(harness.server.counts().bindings).toBe(0);
    const req = await srf.request(contactUri(), { method: 'OPTIONS' });
    const [response] = (await once(req, 'response')) as [SrfResponse];
    expect(response.status).toBe(503);
  });

  it('answers 410 itself when the connection has closed, and uses the new one after a re-register', async () => {
    await register();
    await browser.close();
    const req = await srf.request(contactUri(), { method: 'OPTIONS' });
    const [gone] = (await once(req, 'response')) as [SrfResponse];
    expect(`${gone.status} ${gone.reason}`).toBe('410 Gone');
    const reloaded = await harness.webSocketPeer(40_002);
    await register(reloaded, browser.contact);
    const again = await srf.request(contactUri(), { method: 'OPTIONS' });
    const answered = once(again, 'response');
    reloaded.reply(await reloaded.next('OPTIONS'), 200);
    expect(((await answered) as [SrfResponse])[0].status).toBe(200);
  });

  it('treats a caller whose connection closes while it rings as one that cancelled', async () => {
    const cancelled = new Promise((resolve) => {
      srf.invite((req, res) => {
        req.on('cancel', resolve);
        res.send(180);
      });
    });
    await routed(srf);
    browser.request('INVITE', { body: SDP });
    await browser.next(180);
    await browser.close();
    await cancelled;
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });
});
