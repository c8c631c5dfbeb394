import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfDialog, SrfRequest, SrfResponse } from '../../support/srf-wire.js';

let world: ConformanceWorld;
let srf: SrfClient;
let peer: SipPeer;

beforeEach(async () => {
  world = await ConformanceWorld.start();
  srf = await world.srf();
  peer = await world.peer();
});
afterEach(() => world.close());

const target = (of: SipPeer = peer): string => `sip:bob@${of.sentBy};transport=udp`;

async function call(): Promise<SrfDialog> {
  const calling = srf.createUAC(target(), { localSdp: SDP });
  peer.reply(await peer.next('INVITE'), 200, { body: SDP_ANSWER });
  const dialog = await calling;
  await peer.next('ACK');
  return dialog;
}

async function hangUp(dialog: SrfDialog): Promise<void> {
  const ending = dialog.destroy();
  peer.reply(await peer.next('BYE'), 200);
  await ending;
}

describe('createUAC', () => {
  it('answers a digest challenge', async () => {
    const calling = srf.createUAC(target(), {
      localSdp: SDP,
      auth: { username: 'u', password: 'p' },
    });
    const first = await peer.next('INVITE');
    peer.reply(first, 401, {
      headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' },
    });
    await peer.next('ACK');
    const second = await peer.next('INVITE');
    expect(second.require('Call-ID')).toBe(first.require('Call-ID'));
    expect(second.tag('From')).toBe(first.tag('From'));
    expect(second.sequence).toBe(first.sequence + 1);
    expect(second.require('Authorization')).toContain('username="u"');
    peer.reply(second, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await peer.next('ACK');
    await hangUp(dialog);
  });

  it('cancels', async () => {
    let sent: SrfRequest | undefined;
    const calling = srf.createUAC(
      target(),
      { localSdp: SDP },
      {
        cbRequest: (_error: unknown, request: SrfRequest) => (sent = request),
        cbProvisional: () => sent?.cancel(),
      },
    );
    const failed = expect(calling).rejects.toMatchObject({ status: 487 });
    const invite = await peer.next('INVITE');
    peer.reply(invite, 180);
    peer.reply(await peer.next('CANCEL'), 200);
    peer.reply(invite, 487);
    await failed;
    await peer.next('ACK');
  });

  it('acknowledges a reliable provisional response', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP, headers: { Supported: '100rel' } });
    const invite = await peer.next('INVITE');
    peer.reply(invite, 183, { body: SDP_ANSWER, headers: { Require: '100rel', RSeq: '7' } });
    const prack = await peer.next('PRACK');
    expect(prack.require('RAck')).toBe(`7 ${invite.sequence} INVITE`);
    peer.reply(prack, 200);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await peer.next('ACK');
    await hangUp(dialog);
  });

  it('puts the answer to a delayed offer into the ACK', async () => {
    const calling = srf.createUAC(target(), { noAck: true });
    peer.reply(await peer.next('INVITE'), 200, { body: SDP });
    const offered = (await calling) as unknown as { ack(sdp: string): Promise<SrfDialog> };
    const dialog = await offered.ack(SDP_ANSWER);
    expect((await peer.next('ACK')).body).toBe(SDP_ANSWER);
    await hangUp(dialog);
  });
});

describe('a dialog', () => {
  it('modifies, holds and unholds', async () => {
    const dialog = await call();
    for (const change of [SDP_ANSWER, 'hold', 'unhold']) {
      const modifying = dialog.modify(change);
      peer.reply(await peer.next('INVITE'), 200, { body: SDP_ANSWER });
      await modifying;
      await peer.next('ACK');
    }
    await hangUp(dialog);
  });

  it.each(['INFO', 'REFER', 'MESSAGE', 'UPDATE', 'OPTIONS'])('sends %s', async (method) => {
    const dialog = await call();
    const headers = method === 'REFER' ? { 'Refer-To': '<sip:c@192.0.2.1>' } : {};
    const asking = dialog.request({ method, headers });
    const request = await peer.next(method);
    const contact = request.get('Contact') === undefined ? 'absent' : 'present';
    const fixed = method === 'REFER' ? 'present' : 'absent';
    expect(contact).toBe(method === 'UPDATE' ? outcome('contact-of-update') : fixed);
    peer.reply(request, 202);
    expect((await asking).status).toBe(202);
    await hangUp(dialog);
  });
});

describe('createUAS', () => {
  it('rings reliably, answers and is hung up on', async () => {
    const accepted = new Promise<SrfDialog>((resolve, reject) => {
      srf.invite((req, res) => {
        res.send(183, { headers: { Require: '100rel' }, body: SDP_ANSWER });
        req.on('prack', () => {
          srf.createUAS(req, res, { localSdp: SDP_ANSWER }).then(resolve, reject);
        });
        srf.prack((_req: SrfRequest, answer: SrfResponse) => {
          answer.send(200);
          srf.createUAS(req, res, { localSdp: SDP_ANSWER }).then(resolve, reject);
        });
      });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP, headers: { Supported: '100rel' } });
    const progress = await peer.next(183);
    const RAck = `${progress.require('RSeq')} 1 INVITE`;
    peer.callerRequest('PRACK', progress, { sequence: 2, headers: { RAck } });
    await peer.next(200, 'PRACK');
    const ok = await peer.next(200, 'INVITE');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    const destroyed = once(await accepted, 'destroy');
    peer.callerRequest('BYE', ok, { sequence: 3 });
    await destroyed;
    await peer.next(200, 'BYE');
  });

  it('notifies a subscriber until it ends the subscription', async () => {
    const accepted = new Promise<SrfDialog>((resolve, reject) => {
      srf.subscribe((req, res) => {
        srf.createUAS(req, res, { headers: { Expires: '60' } }).then(resolve, reject);
      });
    });
    await routed(srf);
    peer.request('SUBSCRIBE', { headers: { Event: 'presence', Expires: '60' } });
    await peer.next(202);
    const dialog = await accepted;
    const notifying = dialog.request({
      method: 'NOTIFY',
      headers: { Event: 'presence', 'Subscription-State': 'terminated;reason=noresource' },
    });
    peer.reply(await peer.next('NOTIFY'), 200);
    expect((await notifying).status).toBe(200);
  });
});

describe('createB2BUA and proxyRequest', () => {
  it('bridges two calls', async () => {
    const callee = await world.peer();
    const bridged = new Promise<{ uas: SrfDialog; uac: SrfDialog }>((resolve, reject) => {
      srf.invite((req, res) => {
        srf.createB2BUA(req, res, target(callee), { localSdpB: req.body }).then(resolve, reject);
      });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    const invite = await callee.next('INVITE');
    callee.reply(invite, 180);
    await peer.next(180);
    callee.reply(invite, 200, { body: SDP_ANSWER });
    await callee.next('ACK');
    const ok = await peer.next(200);
    const { uas, uac } = await bridged;
    peer.callerRequest('ACK', ok, { sequence: 1 });
    const ended = once(uas, 'destroy');
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await ended;
    const ending = uac.destroy();
    callee.reply(await callee.next('BYE'), 200);
    await ending;
  });

  it('proxies, and stays in the path when asked to', async () => {
    const callee = await world.peer();
    const done = new Promise((resolve, reject) => {
      srf.invite((req) => {
        srf.proxyRequest(req, [target(callee)], { remainInDialog: true }).then(resolve, reject);
      });
    });
    await routed(srf);
    peer.request('INVITE', { body: SDP });
    const copy = await callee.next('INVITE');
    const Route = copy.require('Record-Route');
    expect(/;lr;/.test(Route) ? 'signed' : 'plain').toBe(outcome('record-route'));
    callee.reply(copy, 200, { body: SDP_ANSWER, headers: { 'Record-Route': Route } });
    const ok = await peer.next(200);
    expect(await done).toMatchObject({ connected: true, finalStatus: 200 });
    peer.callerRequest('ACK', ok, { sequence: 1, headers: { Route } });
    await callee.next('ACK');
    peer.callerRequest('BYE', ok, { sequence: 2, headers: { Route } });
    callee.reply(await callee.next('BYE'), 200);
    await peer.next(200, 'BYE');
  });
});
