import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfRequest, SrfResponse } from '../../support/srf-wire.js';

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

async function invited(): Promise<{ req: SrfRequest; res: SrfResponse }> {
  const incoming = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
    srf.invite((req, res) => {
      resolve({ req, res });
    });
  });
  await routed(srf);
  peer.request('INVITE', { body: SDP });
  return incoming;
}

const target = (): string => `sip:bob@${peer.sentBy}`;

describe('a lost party', () => {
  it('caller that never acknowledges: BYE after 64*T1, and the application hears why', async () => {
    const { req, res } = await invited();
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    await peer.next(200);
    const destroyed = once(dialog, 'destroy');
    clock.advance(500);
    await peer.next(200);
    await clock.advanceAsync(32_000);
    const bye = await peer.next('BYE');
    expect(bye.require('Reason')).toBe('SIP;cause=200;text="ACK timeout"');
    const [message, reason] = (await destroyed) as [SrfRequest, string];
    expect(message.source).toBe('application');
    expect(reason).toBe('ACK timeout');
    peer.reply(bye, 200);
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('application that never answers: the caller is told after 64 s', async () => {
    await invited();
    await clock.advanceAsync(63_999);
    expect(peer.inbox.some(({ status }) => status !== 100)).toBe(false);
    await clock.advanceAsync(1);
    await peer.next(408, 'INVITE');
    expect(harness.server.counts().waiting).toBe(0);
  });

  it('peer that never answers: 408 for the call, and for the BYE', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    const failed = expect(calling).rejects.toMatchObject({ status: 408 });
    const invite = await peer.next('INVITE');
    await clock.advanceAsync(500);
    expect((await peer.next('INVITE')).require('Via')).toBe(invite.require('Via'));
    await clock.advanceAsync(32_000);
    await failed;

    const second = srf.createUAC(target(), { localSdp: SDP });
    const other = await peer.nextThat(
      (message) =>
        message.method === 'INVITE' && message.require('Call-ID') !== invite.require('Call-ID'),
    );
    peer.reply(other, 200, { body: SDP_ANSWER });
    const dialog = await second;
    await peer.next('ACK');
    const ending = dialog.destroy();
    await peer.next('BYE');
    await clock.advanceAsync(32_000);
    await ending;
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('peer that cannot be cancelled: the call ends here after 64*T1', async () => {
    let sent: SrfRequest | undefined;
    const calling = srf.createUAC(
      target(),
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: SrfRequest) => (sent = req) },
    );
    const failed = expect(calling).rejects.toMatchObject({ status: 487 });
    peer.reply(await peer.next('INVITE'), 180);
    // The echo of the INVITE came before this answer does.
    await routed(srf);
    sent?.cancel();
    await peer.next('CANCEL');
    await clock.advanceAsync(32_000);
    await failed;
  });

  it('application that goes while the phone rings: 503, and CANCEL for its own call', async () => {
    const { res } = await invited();
    res.send(180);
    await peer.next(180);
    const calling = srf.createUAC(target(), { localSdp: SDP });
    calling.catch(() => undefined);
    const invite = await peer.next('INVITE');
    peer.reply(invite, 180);
    harness.drop(srf);
    await peer.next(503, 'INVITE');
    const cancel = await peer.next('CANCEL');
    peer.reply(cancel, 200);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    await peer.next('ACK');
    peer.reply(await peer.next('BYE'), 200);
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0, applications: 0 });
  });

  it('application that goes before the phone rings: no ringing, and no answer, makes a dialog any more', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    calling.catch(() => undefined);
    const invite = await peer.next('INVITE');
    peer.reply(invite, 100);
    harness.drop(srf);
    await expect.poll(() => harness.server.counts().applications).toBe(0);
    peer.reply(invite, 180);
    const cancel = await peer.next('CANCEL');
    peer.reply(invite, 180, { tag: 'fork' });
    peer.reply(cancel, 200);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    await peer.next('ACK');
    peer.reply(await peer.next('BYE'), 200);
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });

  it('application that goes during calls: each peer gets BYE, after its ACK', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    const invite = await peer.next('INVITE');
    peer.reply(invite, 200, { body: SDP_ANSWER });
    await calling;
    await peer.next('ACK');
    const { req, res } = await invited();
    await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ok = await peer.next(200, 'INVITE');
    harness.drop(srf);
    const bye = await peer.next('BYE');
    expect(bye.require('Call-ID')).toBe(invite.require('Call-ID'));
    expect(bye.require('Reason')).toContain('Application disconnected');
    peer.reply(bye, 200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    const second = await peer.next('BYE');
    expect(second.require('Call-ID')).toBe(ok.require('Call-ID'));
    peer.reply(second, 200);
    peer.callerRequest('INFO', ok, { sequence: 2, body: 'x' });
    await peer.next(503, 'INFO');
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, applications: 0 });
  });
});

describe('an application that goes while it renegotiates', () => {
  it('leaves neither the INVITE nor the call behind', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    peer.reply(await peer.next('INVITE'), 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await peer.next('ACK');
    dialog.modify(SDP).catch(() => undefined);
    const open = await peer.next('INVITE');
    peer.reply(open, 180);
    harness.drop(srf);
    const cancel = await peer.next('CANCEL');
    expect(cancel.require('Via')).toBe(open.require('Via'));
    peer.reply(cancel, 200);
    peer.reply(open, 487);
    peer.reply(await peer.next('BYE'), 200);
    await peer.next('ACK');
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });
});

describe('reliable provisional responses', () => {
  it('repeats them until PRACK, which the application answers', async () => {
    const incoming = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
      srf.invite((req, res) => {
        resolve({ req, res });
      });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP, headers: { Supported: '100rel' } });
    const { req, res } = await incoming;
    res.send(183, { headers: { Require: '100rel' }, body: SDP_ANSWER });
    const progress = await peer.next(183);
    expect(progress.require('Contact')).toBe(`<sip:${peer.server}>`);
    clock.advance(500);
    const copy = await peer.next(183);
    expect(copy.require('RSeq')).toBe(progress.require('RSeq'));
    peer.callerRequest('PRACK', progress, { sequence: 2, headers: { RAck: '1 1 INVITE' } });
    await peer.next(481, 'PRACK');
    const rack = `${progress.require('RSeq')} 1 INVITE`;
    peer.callerRequest('PRACK', progress, { sequence: 3, headers: { RAck: rack } });
    await peer.next(200, 'PRACK');
    clock.advance(4000);
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ok = await peer.next(200, 'INVITE');
    expect(peer.inbox.some(({ status }) => status === 183)).toBe(false);
    const acknowledged = once(dialog, 'ack');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await acknowledged;
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('refuses to send one to a caller that does not know them', async () => {
    const { res } = await invited();
    const error = await new Promise((resolve) => {
      res.send(183, { headers: { Require: '100rel' } }, (problem: unknown) => {
        resolve(problem);
      });
    });
    expect(error).toBe('Remote endpoint does not support 100rel');
    res.send(486);
    await peer.next(486);
  });
});
