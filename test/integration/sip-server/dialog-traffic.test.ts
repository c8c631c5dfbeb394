import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
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

async function ringing(): Promise<{
  invite: PeerMessage;
  progress: PeerMessage;
  req: SrfRequest;
  res: SrfResponse;
}> {
  const incoming = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
    srf.invite((req, res) => {
      resolve({ req, res });
    });
  });
  await routed(srf);
  const invite = peer.request('INVITE', { body: SDP });
  const { req, res } = await incoming;
  res.send(180);
  return { invite, progress: await peer.next(180), req, res };
}

async function call(): Promise<{ dialog: SrfDialog; invite: PeerMessage }> {
  const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, { localSdp: SDP });
  const invite = await peer.next('INVITE');
  peer.reply(invite, 200, { body: SDP_ANSWER });
  const dialog = await calling;
  await peer.next('ACK');
  return { dialog, invite };
}

async function hangUp(dialog: SrfDialog): Promise<void> {
  const ending = dialog.destroy();
  peer.reply(await peer.next('BYE'), 200);
  await ending;
}

describe('an early dialog', () => {
  it('ends with the caller’s BYE as with CANCEL', async () => {
    const { progress, req } = await ringing();
    const cancelled = once(req, 'cancel');
    peer.callerRequest('BYE', progress, { sequence: 2 });
    await cancelled;
    await peer.next(200, 'BYE');
    await peer.next(487, 'INVITE');
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('takes an UPDATE of the caller and answers it as such', async () => {
    const { progress, req, res } = await ringing();
    req.on('update', (_update: SrfRequest, answer: SrfResponse) => {
      answer.send(200, { body: SDP_ANSWER });
    });
    peer.callerRequest('UPDATE', progress, { sequence: 2, body: SDP });
    const updated = await peer.next(200, 'UPDATE');
    expect(updated.body).toBe(SDP_ANSWER);
    expect(updated.require('Content-Type')).toBe('application/sdp');
    expect(updated.require('Contact')).toBe(`<sip:${peer.server}>`);
    res.send(480);
    await peer.next(480, 'INVITE');
  });
});

describe('a confirmed dialog', () => {
  it('survives a challenged BYE, to be ended with credentials', async () => {
    const { dialog, invite } = await call();
    const first = dialog.destroy();
    peer.reply(await peer.next('BYE'), 401, {
      headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="n"' },
    });
    await first;
    expect(harness.server.counts().dialogs).toBe(1);
    const destroyed = once(dialog, 'destroy');
    peer.calleeRequest('BYE', invite, { sequence: 1 });
    // The client library has forgotten the dialog; the server hands it the BYE all the same.
    await Promise.race([destroyed, peer.nextThat(({ about }) => about === 'BYE')]);
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it.each([
    ['INVITE', 481, 'The peer does not know the call any more'],
    ['INFO', 481, 'The peer does not know the call any more'],
    ['UPDATE', 408, 'The peer does not answer'],
  ])('ends when its %s is answered %i (RFC 5057)', async (method, status, reason) => {
    const { dialog } = await call();
    const destroyed = once(dialog, 'destroy');
    const asking = dialog.request({ method, ...(method === 'INFO' ? {} : { body: SDP }) });
    peer.reply(await peer.next(method), status);
    expect((await asking).status).toBe(status);
    const bye = await peer.next('BYE');
    expect(bye.require('Reason')).toBe(`SIP;cause=200;text="${reason}"`);
    peer.reply(bye, 481);
    expect((await destroyed)[1]).toBe(reason);
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it.each([
    ['NOTIFY', 481],
    ['INFO', 408],
    ['INVITE', 488],
  ])('goes on when its %s is answered %i', async (method, status) => {
    const { dialog } = await call();
    const headers = { Event: 'refer', 'Subscription-State': 'active' };
    const asking = dialog.request({
      method,
      ...(method === 'INVITE' ? { body: SDP } : { headers }),
    });
    peer.reply(await peer.next(method), status);
    expect((await asking).status).toBe(status);
    if (method === 'INVITE') await peer.next('ACK');
    await hangUp(dialog);
  });

  it('sends an INVITE of the application only when none is under way', async () => {
    const { dialog, invite } = await call();
    const first = dialog.request({ method: 'INVITE', body: SDP });
    const open = await peer.next('INVITE');
    peer.calleeRequest('INVITE', invite, { sequence: 1, body: SDP });
    await peer.next(491, 'INVITE');
    const second = await dialog.request({ method: 'INVITE', body: SDP });
    expect(second.status).toBe(491);
    peer.reply(open, 488);
    expect((await first).status).toBe(488);
    await peer.next('ACK');
    await hangUp(dialog);
    expect(peer.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
  });

  it('carries a delayed offer: the answer goes in the ACK', async () => {
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, { noAck: true });
    const invite = await peer.next('INVITE');
    expect(invite.body).toBe('');
    peer.reply(invite, 200, { body: SDP });
    const answered = (await calling) as unknown as {
      sdp: string;
      ack: (sdp: string) => Promise<SrfDialog>;
    };
    expect(answered.sdp).toBe(SDP);
    const dialog = await answered.ack(SDP_ANSWER);
    const ack = await peer.next('ACK');
    expect(ack.body).toBe(SDP_ANSWER);
    expect(ack.require('Content-Type')).toBe('application/sdp');
    await hangUp(dialog);
  });

  it('is unknown to a request that the application sends after its end', async () => {
    const { dialog } = await call();
    await hangUp(dialog);
    await expect(dialog.request({ method: 'INFO' })).rejects.toMatchObject({ code: 'ENODIALOG' });
  });
});

describe('a subscription', () => {
  it('of the application takes NOTIFYs until it is terminated', async () => {
    const subscribing = srf.createUAC(`sip:bob@${peer.sentBy}`, {
      method: 'SUBSCRIBE',
      headers: { Event: 'presence', Expires: '60' },
    });
    const subscribe = await peer.next('SUBSCRIBE');
    expect(subscribe.require('Contact')).toBe(`<sip:${peer.server}>`);
    peer.reply(subscribe, 202);
    const dialog = await subscribing;
    const states: string[] = [];
    dialog.on('notify', (req: SrfRequest, res: SrfResponse) => {
      states.push(req.get('Subscription-State'));
      res.send(200);
    });
    for (const [index, state] of ['active;expires=60', 'terminated;reason=timeout'].entries()) {
      peer.calleeRequest('NOTIFY', subscribe, {
        sequence: index + 1,
        headers: { Event: 'presence', 'Subscription-State': state },
      });
      await peer.next(200, 'NOTIFY');
    }
    expect(states).toEqual(['active;expires=60', 'terminated;reason=timeout']);
    expect(harness.server.counts().dialogs).toBe(0);
  });
});
