import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfDialog } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let srf: SrfClient;
let browser: SipPeer;
let carrier: SipPeer;
let bridged: Promise<{ uas: SrfDialog; uac: SrfDialog }>;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
  browser = await harness.webSocketPeer();
  carrier = await harness.udpPeer();
  bridged = new Promise((resolve, reject) => {
    srf.invite((req, res) => {
      srf
        .createB2BUA(req, res, `sip:600@${carrier.sentBy}`, { localSdpB: req.body })
        .then(resolve, reject);
    });
  });
  bridged.catch(() => undefined);
  await routed(srf);
});
afterEach(() => harness.close());

describe('createB2BUA, browser to carrier', () => {
  it('relays ringing, answer and hang-up', async () => {
    browser.request('INVITE', { body: SDP });
    const invite = await carrier.next('INVITE');
    expect(invite.body).toBe(SDP);
    carrier.reply(invite, 183, { body: SDP_ANSWER });
    expect((await browser.next(183)).body).toBe(SDP_ANSWER);
    carrier.reply(invite, 200, { body: SDP_ANSWER });
    await carrier.next('ACK');
    const ok = await browser.next(200, 'INVITE');
    expect(ok.body).toBe(SDP_ANSWER);
    const { uas, uac } = await bridged;
    uas.on('destroy', () => void uac.destroy());
    const ended = once(uas, 'destroy');
    browser.callerRequest('ACK', ok, { sequence: 1 });
    browser.callerRequest('BYE', ok, { sequence: 2 });
    await ended;
    await browser.next(200, 'BYE');
    carrier.reply(await carrier.next('BYE'), 200);
  });

  it('relays a CANCEL', async () => {
    const invite = browser.request('INVITE', { body: SDP });
    const relayed = await carrier.next('INVITE');
    carrier.reply(relayed, 180);
    await browser.next(180);
    browser.sameBranch('CANCEL', invite);
    await browser.next(200, 'CANCEL');
    await browser.next(487, 'INVITE');
    carrier.reply(await carrier.next('CANCEL'), 200);
    carrier.reply(relayed, 487);
    await carrier.next('ACK');
    await expect(bridged).rejects.toMatchObject({ status: 487 });
  });

  it('relays a refusal', async () => {
    browser.request('INVITE', { body: SDP });
    carrier.reply(await carrier.next('INVITE'), 486);
    await browser.next(486);
    await carrier.next('ACK');
    await expect(bridged).rejects.toMatchObject({ status: 486 });
  });
});
