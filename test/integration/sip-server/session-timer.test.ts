import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfDialog, SrfRequest } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let clock: ManualClock;
let srf: SrfClient;
let peer: SipPeer;

beforeEach(async () => {
  clock = new ManualClock();
  harness = await SipServerHarness.start(clock);
  srf = await harness.srf();
  peer = await harness.udpPeer();
});
afterEach(() => harness.close());

type Headers = Record<string, string>;

/** A call from the peer; resolves when it is acknowledged. */
async function incoming(
  offered: Headers,
  answered: Headers = {},
): Promise<{ dialog: SrfDialog; ok: PeerMessage }> {
  const accepted = new Promise<SrfDialog>((resolve, reject) => {
    srf.invite((req, res) => {
      srf.createUAS(req, res, { localSdp: SDP_ANSWER, headers: answered }).then(resolve, reject);
    });
  });
  await routed(srf);
  peer.request('INVITE', { body: SDP, headers: offered });
  const ok = await peer.next(200);
  const dialog = await accepted;
  const acknowledged = once(dialog, 'ack');
  peer.callerRequest('ACK', ok, { sequence: 1 });
  await acknowledged;
  return { dialog, ok };
}

/** The next INVITE that is no copy of an earlier one. */
function invite(after: number): Promise<PeerMessage> {
  return peer.nextThat((one) => one.method === 'INVITE' && one.sequence > after);
}

async function hangUp(dialog: SrfDialog): Promise<void> {
  const ending = dialog.destroy();
  peer.reply(await peer.next('BYE'), 200);
  await ending;
}

const OFFER = { 'Session-Expires': '120;refresher=uas', Supported: 'timer' };

describe('a session that the server refreshes', () => {
  it('gets re-INVITEs of its own with what was agreed, unknown to the application', async () => {
    const { dialog, ok } = await incoming(OFFER);
    expect(ok.require('Session-Expires')).toBe('120;refresher=uas');
    let last = 0;
    for (let round = 0; round < 2; round++) {
      await clock.advanceAsync(60_000);
      const refresh = await invite(last);
      last = refresh.sequence;
      expect(refresh.body).toBe(SDP_ANSWER);
      expect(refresh.require('Session-Expires')).toBe('120;refresher=uac');
      expect(refresh.require('Min-SE')).toBe('90');
      peer.reply(refresh, 200, {
        body: SDP,
        headers: { 'Session-Expires': '120;refresher=uac', Require: 'timer' },
      });
      const ack = await peer.next('ACK');
      expect(ack.sequence).toBe(refresh.sequence);
    }
    await hangUp(dialog);
  });

  it('is tried again after a glare', async () => {
    const { dialog } = await incoming(OFFER);
    await clock.advanceAsync(60_000);
    const first = await peer.next('INVITE');
    peer.reply(first, 491);
    await peer.next('ACK');
    await clock.advanceAsync(5_000);
    peer.reply(await invite(first.sequence), 200, { body: SDP });
    await peer.next('ACK');
    peer.inbox.length = 0;
    await clock.advanceAsync(600_000);
    // The answer named no session: there is none any more (RFC 4028 section 7.2).
    expect(peer.inbox.filter(({ method }) => method !== undefined)).toEqual([]);
    await hangUp(dialog);
  });

  it('is asked for again with the interval that the peer names as its least', async () => {
    const { dialog } = await incoming(OFFER);
    await clock.advanceAsync(60_000);
    const first = await peer.next('INVITE');
    peer.reply(first, 422, { headers: { 'Min-SE': '300' } });
    await peer.next('ACK');
    const second = await invite(first.sequence);
    expect(second.require('Session-Expires')).toBe('300;refresher=uac');
    peer.reply(second, 200, {
      body: SDP,
      headers: { 'Session-Expires': '300;refresher=uac', Require: 'timer' },
    });
    await peer.next('ACK');
    await hangUp(dialog);
  });

  it.each([481, 408])('ends when the peer answers %i', async (status) => {
    const { dialog } = await incoming(OFFER);
    const destroyed = once(dialog, 'destroy');
    await clock.advanceAsync(60_000);
    peer.reply(await peer.next('INVITE'), status);
    const bye = await peer.next('BYE');
    expect(bye.require('Reason')).toBe('SIP;cause=200;text="Session timer expired"');
    peer.reply(bye, 200);
    expect((await destroyed)[1]).toBe('Session timer expired');
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('is that of a call which the application made, if the peer says so', async () => {
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, {
      localSdp: SDP,
      headers: { 'Session-Expires': '90', Supported: 'timer' },
    });
    peer.reply(await peer.next('INVITE'), 200, {
      body: SDP_ANSWER,
      headers: { 'Session-Expires': '90;refresher=uac' },
    });
    const dialog = await calling;
    await peer.next('ACK');
    await clock.advanceAsync(45_000);
    const refresh = await peer.next('INVITE');
    expect(refresh.body).toBe(SDP);
    peer.reply(refresh, 200, { body: SDP_ANSWER });
    await peer.next('ACK');
    await hangUp(dialog);
  });
});

describe('a session that the peer refreshes', () => {
  it('ends with BYE when it does not, and the application hears of it', async () => {
    const { dialog, ok } = await incoming({
      'Session-Expires': '100;refresher=uac',
      Supported: 'timer',
    });
    expect(ok.require('Require')).toBe('timer');
    const destroyed = once(dialog, 'destroy');
    await clock.advanceAsync(99_999);
    expect(peer.inbox.filter(({ method }) => method !== undefined)).toEqual([]);
    await clock.advanceAsync(1);
    peer.reply(await peer.next('BYE'), 200);
    const [message, reason] = (await destroyed) as [SrfRequest, string];
    expect(message.source).toBe('application');
    expect(reason).toBe('Session timer expired');
  });

  it('goes on with each refresh, whether INVITE or UPDATE', async () => {
    const headers = { 'Session-Expires': '100;refresher=uac', Supported: 'timer' };
    const { dialog, ok } = await incoming(headers);
    await clock.advanceAsync(90_000);
    peer.callerRequest('UPDATE', ok, { sequence: 2, headers });
    const updated = await peer.next(200, 'UPDATE');
    expect(updated.require('Session-Expires')).toBe('100;refresher=uac');
    await clock.advanceAsync(90_000);
    peer.callerRequest('INVITE', ok, { sequence: 3, headers, body: SDP });
    await peer.next(200, 'INVITE');
    peer.callerRequest('ACK', ok, { sequence: 3 });
    await clock.advanceAsync(90_000);
    await hangUp(dialog);
  });
});

describe('the interval', () => {
  it('is the application’s own, and never under 90 s', async () => {
    const { dialog, ok } = await incoming(OFFER, { 'Session-Expires': '30;refresher=uac' });
    expect(ok.require('Session-Expires')).toBe('90;refresher=uac');
    await hangUp(dialog);
  });

  it('is none when the offer names no refresher and nobody is set for that', async () => {
    const { dialog, ok } = await incoming({ 'Session-Expires': '120', Supported: 'timer' });
    expect(ok.get('Session-Expires')).toBeUndefined();
    await clock.advanceAsync(600_000);
    await hangUp(dialog);
  });

  it('is refreshed by the server when the peer cannot (RFC 4028 table 2)', async () => {
    const { dialog, ok } = await incoming({ 'Session-Expires': '120;refresher=uac' });
    expect(ok.require('Session-Expires')).toBe('120;refresher=uas');
    expect(ok.get('Require')).toBeUndefined();
    await clock.advanceAsync(60_000);
    peer.reply(await peer.next('INVITE'), 200, { body: SDP });
    await peer.next('ACK');
    await hangUp(dialog);
  });

  it('stays in force when the application re-negotiates', async () => {
    const { dialog } = await incoming(OFFER);
    const modifying = dialog.modify(SDP);
    const reinvite = await peer.next('INVITE');
    expect(reinvite.require('Session-Expires')).toBe('120;refresher=uac');
    peer.reply(reinvite, 200, { body: SDP_ANSWER });
    await modifying;
    await peer.next('ACK');
    await hangUp(dialog);
  });

  it('under 90 s is refused with 422, in a dialog and before it', async () => {
    const headers = { 'Session-Expires': '60' };
    peer.request('INVITE', { body: SDP, headers });
    expect((await peer.next(422)).require('Min-SE')).toBe('90');
    const { dialog, ok } = await incoming({});
    peer.callerRequest('UPDATE', ok, { sequence: 2, headers });
    expect((await peer.next(422, 'UPDATE')).require('Min-SE')).toBe('90');
    await hangUp(dialog);
  });
});
