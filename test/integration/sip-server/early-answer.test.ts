import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfDialog, SrfRequest, SrfResponse } from '../../support/srf-wire.js';

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

/** The application has sent a reliable 183 and then accepted, all before any PRACK. */
async function acceptedTooEarly(): Promise<{
  invite: PeerMessage;
  progress: PeerMessage;
  dialog: SrfDialog;
}> {
  const accepted = new Promise<SrfDialog>((resolve, reject) => {
    srf.invite((req: SrfRequest, res: SrfResponse) => {
      res.send(183, { headers: { Require: '100rel' }, body: SDP_ANSWER });
      srf.createUAS(req, res, { localSdp: SDP_ANSWER }).then(resolve, reject);
    });
  });
  await routed(srf);
  const invite = peer.request('INVITE', { body: SDP, headers: { Supported: '100rel' } });
  const progress = await peer.next(183);
  const dialog = await accepted;
  return { invite, progress, dialog };
}

describe('a 2xx before the PRACK of a reliable provisional response', () => {
  it('waits for it', async () => {
    const { progress, dialog } = await acceptedTooEarly();
    await clock.advanceAsync(500);
    await peer.next(183);
    expect(peer.inbox.filter(({ status }) => status === 200)).toEqual([]);
    const RAck = `${progress.require('RSeq')} 1 INVITE`;
    peer.callerRequest('PRACK', progress, { sequence: 2, headers: { RAck } });
    await peer.next(200, 'PRACK');
    const ok = await peer.next(200, 'INVITE');
    const acknowledged = once(dialog, 'ack');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await acknowledged;
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('never goes out when no PRACK comes: 504, and the application’s call ends', async () => {
    const { dialog } = await acceptedTooEarly();
    const destroyed = once(dialog, 'destroy');
    await clock.advanceAsync(32_000);
    await peer.next(504);
    expect((await destroyed)[1]).toBe('No PRACK');
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });

  it('never goes out when the caller gives up', async () => {
    const { dialog, invite } = await acceptedTooEarly();
    const destroyed = once(dialog, 'destroy');
    peer.sameBranch('CANCEL', invite);
    await peer.next(487, 'INVITE');
    expect((await destroyed)[1]).toBe('Cancelled before PRACK');
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });
});

describe('a subscription that nobody refreshes', () => {
  it('goes after its time when the application is the notifier', async () => {
    const accepted = new Promise<SrfDialog>((resolve, reject) => {
      srf.subscribe((req, res) => {
        srf.createUAS(req, res, { headers: { Expires: '60' } }).then(resolve, reject);
      });
    });
    await routed(srf);
    peer.request('SUBSCRIBE', { headers: { Event: 'presence', Expires: '3600' } });
    const ok = await peer.next(202);
    (await accepted).on('subscribe', (_req: SrfRequest, res: SrfResponse) => {
      res.send(200, { headers: { Expires: '60' } });
    });
    await clock.advanceAsync(80_000);
    expect(harness.server.counts().dialogs).toBe(1);
    peer.callerRequest('SUBSCRIBE', ok, { sequence: 2, headers: { Event: 'presence' } });
    await peer.next(200, 'SUBSCRIBE');
    await clock.advanceAsync(91_999);
    expect(harness.server.counts().dialogs).toBe(1);
    await clock.advanceAsync(1);
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('goes after its time when the application is the subscriber', async () => {
    const subscribing = srf.createUAC(`sip:bob@${peer.sentBy}`, {
      method: 'SUBSCRIBE',
      headers: { Event: 'presence', Expires: '3600' },
    });
    const subscribe = await peer.next('SUBSCRIBE');
    peer.reply(subscribe, 202, { headers: { Expires: '100' } });
    const dialog = await subscribing;
    dialog.on('notify', (_req: SrfRequest, res: SrfResponse) => {
      res.send(200);
    });
    await clock.advanceAsync(90_000);
    peer.calleeRequest('NOTIFY', subscribe, {
      sequence: 1,
      headers: { Event: 'presence', 'Subscription-State': 'active;expires=200' },
    });
    await peer.next(200, 'NOTIFY');
    await clock.advanceAsync(231_999);
    expect(harness.server.counts().dialogs).toBe(1);
    await clock.advanceAsync(1);
    expect(harness.server.counts().dialogs).toBe(0);
  });
});

describe('what concerns applications alone', () => {
  it('passes: Replaces (RFC 3891) in both directions', async () => {
    const Replaces = 'abc@example;to-tag=1;from-tag=2';
    const seen = new Promise<SrfRequest>((resolve) => {
      srf.invite((req, res) => {
        res.send(486);
        resolve(req);
      });
    });
    await routed(srf);
    peer.request('INVITE', { headers: { Replaces, Require: 'replaces' } });
    expect((await seen).get('Replaces')).toBe(Replaces);
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, {
      localSdp: SDP,
      headers: { Replaces },
    });
    calling.catch(() => undefined);
    const invite = await peer.next('INVITE');
    expect(invite.require('Replaces')).toBe(Replaces);
    peer.reply(invite, 486);
    await expect(calling).rejects.toMatchObject({ status: 486 });
  });
});

describe('a strict router on the way', () => {
  it('gets its own URI in the request line, and the target at the end (RFC 3261 section 12.2.1.1)', async () => {
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, { localSdp: SDP });
    const strict = `sip:strict@${peer.sentBy}`;
    const loose = `sip:loose@${peer.sentBy};lr`;
    peer.reply(await peer.next('INVITE'), 200, {
      body: SDP_ANSWER,
      headers: { 'Record-Route': `<${loose}>, <${strict}>` },
    });
    const dialog = await calling;
    const ack = await peer.next('ACK');
    expect(ack.uri).toBe(strict);
    expect(ack.all('Route')).toEqual([`<${loose}>`, peer.contact]);
    const ending = dialog.destroy();
    const bye = await peer.next('BYE');
    expect(bye.uri).toBe(strict);
    peer.reply(bye, 200);
    await ending;
  });
});
