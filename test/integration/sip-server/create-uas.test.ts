import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
import type { SrfClient, SrfDialog, SrfRequest, SrfResponse } from '../../support/srf-wire.js';

let harness: SipServerHarness;
let srf: SrfClient;
let peer: SipPeer;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
  peer = await harness.udpPeer();
});
afterEach(() => harness.close());

/** Lets the application take INVITEs; the function waits for the next one. */
async function takeInvites(): Promise<() => Promise<{ req: SrfRequest; res: SrfResponse }>> {
  const next = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
    srf.invite((req, res) => {
      resolve({ req, res });
    });
  });
  await routed(srf);
  return () => next;
}

async function answeredCall(): Promise<{
  dialog: SrfDialog;
  ok: Awaited<ReturnType<SipPeer['next']>>;
}> {
  const incoming = await takeInvites();
  peer.request('INVITE', { body: SDP });
  const { req, res } = await incoming();
  const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
  const ok = await peer.next(200, 'INVITE');
  const acknowledged = once(dialog, 'ack');
  peer.callerRequest('ACK', ok, { sequence: 1 });
  await acknowledged;
  return { dialog, ok };
}

describe('createUAS', () => {
  it('answers a call, reports the ACK, and takes the BYE of the caller', async () => {
    const incoming = await takeInvites();
    const invite = peer.request('INVITE', { body: SDP, headers: { 'X-Custom': 'äöü €' } });
    await peer.next(100);
    const { req, res } = await incoming();
    expect(req.body).toBe(SDP);
    expect(req.get('X-Custom')).toBe('äöü €');
    expect(`${req.source_address}:${req.source_port}`).toBe(peer.sentBy);
    expect(req.protocol).toBe('udp');
    expect(req.receivedOn).toBe(peer.server);
    res.send(180);
    const ringing = await peer.next(180);
    const dialog = await srf.createUAS(req, res, {
      localSdp: SDP_ANSWER,
      headers: { 'X-App': 'yes' },
    });
    const ok = await peer.next(200);
    expect(ok.tag('To')).toBe(ringing.tag('To'));
    expect(ok.require('Contact')).toBe(`<sip:${peer.server}>`);
    expect(ok.require('Content-Type')).toBe('application/sdp');
    expect(ok.require('X-App')).toBe('yes');
    expect(ok.body).toBe(SDP_ANSWER);
    expect(dialog.id).toBe(`${invite.require('Call-ID')};from-tag=${invite.tag('From') ?? ''}`);
    expect(dialog.sip.localTag).toBe(ok.tag('To'));
    const acknowledged = once(dialog, 'ack');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await acknowledged;
    const destroyed = once(dialog, 'destroy');
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await destroyed;
    await peer.next(200, 'BYE');
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('ends the call from the application, and counts on from the INVITE', async () => {
    const { dialog, ok } = await answeredCall();
    const ending = dialog.destroy({ headers: { Reason: 'SIP;cause=200;text="done"' } });
    const bye = await peer.next('BYE');
    expect(bye.uri).toBe(peer.contact.slice(1, -1));
    expect(bye.sequence).toBe(2);
    expect(bye.require('From')).toBe(ok.require('To'));
    expect(bye.require('To')).toBe(ok.require('From'));
    expect(bye.require('Reason')).toBe('SIP;cause=200;text="done"');
    peer.reply(bye, 200);
    await ending;
  });

  it('carries INFO both ways and a re-INVITE of the caller', async () => {
    const { dialog, ok } = await answeredCall();
    dialog.on('info', (req: SrfRequest, res: SrfResponse) => {
      res.send(200, { headers: { 'X-Got': req.body.trim() } });
    });
    peer.callerRequest('INFO', ok, {
      sequence: 2,
      headers: { 'Content-Type': 'application/dtmf-relay' },
      body: 'Signal=5\r\n',
    });
    expect((await peer.next(200, 'INFO')).require('X-Got')).toBe('Signal=5');

    const asking = dialog.request({
      method: 'INFO',
      headers: { 'Content-Type': 'application/dtmf' },
      body: '7',
    });
    const info = await peer.next('INFO');
    expect(info.body).toBe('7');
    peer.reply(info, 415);
    expect((await asking).status).toBe(415);

    const modified = new Promise<SrfRequest>((resolve) => {
      dialog.on('modify', (req: SrfRequest, res: SrfResponse) => {
        res.send(200, { body: SDP_ANSWER });
        resolve(req);
      });
    });
    peer.callerRequest('INVITE', ok, { sequence: 3, body: SDP.replace('4000', '4002') });
    expect((await modified).body).toContain('m=audio 4002');
    const again = await peer.next(200, 'INVITE');
    expect(again.require('Contact')).toBe(ok.require('Contact'));
    peer.callerRequest('ACK', ok, { sequence: 3 });
    const late = peer.callerRequest('INFO', ok, { sequence: 2, body: 'x' });
    expect((await peer.next(500, 'INFO')).require('Call-ID')).toBe(late.require('Call-ID'));
  });

  it('refuses: the server takes the ACK, the application may not answer again', async () => {
    const incoming = await takeInvites();
    const invite = peer.request('INVITE', { body: SDP });
    const { res } = await incoming();
    res.send(486);
    const busy = await peer.next(486);
    peer.sameBranch('ACK', invite, busy.require('To'));
    expect(busy.get('Contact')).toBeUndefined();
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('tells the application of a CANCEL and answers both requests', async () => {
    const incoming = await takeInvites();
    const invite = peer.request('INVITE', { body: SDP });
    const { req, res } = await incoming();
    const cancelled = once(req, 'cancel');
    res.send(180);
    await peer.next(180);
    peer.sameBranch('CANCEL', invite);
    await cancelled;
    await peer.next(200, 'CANCEL');
    const terminated = await peer.next(487, 'INVITE');
    peer.sameBranch('ACK', invite, terminated.require('To'));
    const late = await new Promise((resolve) => {
      res.send(200, { body: SDP_ANSWER }, (error: unknown) => {
        resolve(error);
      });
    });
    expect(late).toBe('Response not sent due to unknown transaction');
    expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
  });

  it('holds the BYE of a quick application until the ACK is here', async () => {
    const incoming = await takeInvites();
    peer.request('INVITE', { body: SDP });
    const { req, res } = await incoming();
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ending = dialog.destroy();
    const ok = await peer.next(200);
    // The server has read the request for the BYE, and whatever it sent before this answer is here.
    await routed(srf);
    peer.request('DANCE');
    await peer.next(501);
    expect(peer.inbox.some(({ method }) => method === 'BYE')).toBe(false);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('answers what nobody here knows or serves', async () => {
    peer.request('BYE', { headers: { To: `<sip:bob@${peer.server}>;tag=nobody` } });
    await peer.next(481, 'BYE');
    peer.request('INVITE', { headers: { To: `<sip:bob@${peer.server}>;tag=nobody` } });
    await peer.next(481, 'INVITE');
    peer.request('CANCEL');
    await peer.next(481, 'CANCEL');
    peer.request('OPTIONS');
    await peer.next(503, 'OPTIONS');
    peer.request('INVITE', { body: SDP });
    await peer.next(503, 'INVITE');
    peer.request('DANCE');
    expect((await peer.next(501, 'DANCE')).require('Allow')).toBe('');
    srf.invite(() => undefined);
    srf.options(() => undefined);
    await routed(srf);
    peer.request('DANCE');
    expect((await peer.next(501, 'DANCE')).require('Allow')).toBe(
      'INVITE, OPTIONS, ACK, BYE, CANCEL, PRACK, UPDATE',
    );
  });
});
