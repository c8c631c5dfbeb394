import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { SDP, SDP_ANSWER, SipServerHarness } from '../../support/sip-server-harness.js';
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

const target = (): string => `sip:bob@${peer.sentBy};transport=udp`;

async function answeredCall(): Promise<{ dialog: SrfDialog; invite: PeerMessage }> {
  const calling = srf.createUAC(target(), { localSdp: SDP });
  const invite = await peer.next('INVITE');
  peer.reply(invite, 200, { body: SDP_ANSWER });
  const dialog = await calling;
  await peer.next('ACK');
  return { dialog, invite };
}

describe('createUAC', () => {
  it('calls, hears ringing and answer, acknowledges, and hangs up', async () => {
    const provisional: number[] = [];
    const calling = srf.createUAC(
      target(),
      { localSdp: SDP, callingNumber: '4930123', headers: { 'X-Trunk': 'a' } },
      { cbProvisional: (res: SrfResponse) => provisional.push(res.status) },
    );
    const invite = await peer.next('INVITE');
    expect(invite.uri).toBe(target());
    expect(invite.require('From')).toMatch(`<sip:4930123@${peer.server}>;tag=`);
    expect(invite.require('Contact')).toBe(`<sip:4930123@${peer.server}>`);
    expect(invite.require('To')).toBe(`<${target()}>`);
    expect(invite.require('Max-Forwards')).toBe('70');
    expect(invite.require('X-Trunk')).toBe('a');
    expect(invite.require('Content-Type')).toBe('application/sdp');
    peer.reply(invite, 100);
    peer.reply(invite, 180);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    expect(provisional).toEqual([180]);
    expect(dialog.remote.sdp).toBe(SDP_ANSWER);
    expect(dialog.id).toBe(`${invite.require('Call-ID')};from-tag=${invite.tag('From') ?? ''}`);
    const ack = await peer.next('ACK');
    expect(ack.uri).toBe(peer.contact.slice(1, -1));
    expect(ack.sequence).toBe(invite.sequence);
    expect(ack.tag('To')).toBe('peer');

    peer.reply(invite, 200, { body: SDP_ANSWER });
    expect((await peer.next('ACK')).sequence).toBe(invite.sequence);

    const ending = dialog.destroy();
    const bye = await peer.next('BYE');
    expect(bye.sequence).toBe(invite.sequence + 1);
    peer.reply(bye, 200);
    await ending;
    expect(harness.server.counts().dialogs).toBe(0);
  });

  it('follows the Record-Route of the answer, in reverse', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    const invite = await peer.next('INVITE');
    const near = `<sip:${peer.sentBy};lr>`;
    peer.reply(invite, 200, {
      body: SDP_ANSWER,
      headers: { 'Record-Route': `<sip:far.test;lr>, ${near}`, Contact: '<sip:bob@192.0.2.9>' },
    });
    const dialog = await calling;
    const ack = await peer.next('ACK');
    expect(ack.uri).toBe('sip:bob@192.0.2.9');
    expect(ack.all('Route')).toEqual([near, '<sip:far.test;lr>']);
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('reports the BYE of the callee', async () => {
    const { dialog, invite } = await answeredCall();
    const destroyed = once(dialog, 'destroy');
    peer.calleeRequest('BYE', invite, { sequence: 1 });
    await destroyed;
    await peer.next(200, 'BYE');
    peer.calleeRequest('INFO', invite, { sequence: 2, headers: { CSeq: '2 INFO' } });
    await peer.next(503, 'INFO');
  });

  it.each([486, 302, 503, 603])('passes %i on and acknowledges it by itself', async (status) => {
    const calling = srf.createUAC(target(), { localSdp: SDP });
    const invite = await peer.next('INVITE');
    peer.reply(invite, status);
    await expect(calling).rejects.toMatchObject({ status });
    const ack = await peer.next('ACK');
    expect(ack.require('Via')).toBe(invite.require('Via'));
    // The ACK that the client library sends for every final response must stay inside.
    const { srf: other } = { srf: await harness.srf() };
    await other.request(`sip:${peer.sentBy}`, { method: 'OPTIONS' });
    peer.reply(await peer.next('OPTIONS'), 200);
    expect(peer.inbox).toEqual([]);
  });

  it('cancels a ringing call, with the Reason of the application', async () => {
    let sent: SrfRequest | undefined;
    const calling = srf.createUAC(
      target(),
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: SrfRequest) => (sent = req) },
    );
    const invite = await peer.next('INVITE');
    sent?.cancel({ headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } });
    expect(peer.inbox).toEqual([]);
    peer.reply(invite, 180);
    const cancel = await peer.next('CANCEL');
    expect(cancel.require('Via')).toBe(invite.require('Via'));
    expect(cancel.require('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    peer.reply(cancel, 200);
    peer.reply(invite, 487);
    await expect(calling).rejects.toMatchObject({ status: 487 });
    await peer.next('ACK');
  });

  it('ends the call that was answered while it was being cancelled', async () => {
    let sent: SrfRequest | undefined;
    const calling = srf.createUAC(
      target(),
      { localSdp: SDP },
      { cbRequest: (_error: unknown, req: SrfRequest) => (sent = req) },
    );
    const invite = await peer.next('INVITE');
    peer.reply(invite, 180);
    await new Promise<void>((resolve) => {
      const poll = peer.next('CANCEL').then((cancel) => {
        peer.reply(cancel, 200);
      });
      void poll.then(resolve);
      sent?.cancel();
    });
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    const destroyed = once(dialog, 'destroy');
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    expect(bye.require('Reason')).toContain('cancel race');
    peer.reply(bye, 200);
    await destroyed;
  });

  it('repeats a challenged INVITE with credentials, the same Call-ID and From', async () => {
    const calling = srf.createUAC(target(), {
      localSdp: SDP,
      auth: { username: 'alice', password: 'wonder' },
    });
    const first = await peer.next('INVITE');
    peer.reply(first, 407, {
      headers: { 'Proxy-Authenticate': 'Digest realm="r", nonce="n1", algorithm=MD5' },
    });
    await peer.next('ACK');
    const second = await peer.next('INVITE');
    expect(second.require('Call-ID')).toBe(first.require('Call-ID'));
    expect(second.require('From')).toBe(first.require('From'));
    expect(second.sequence).toBe(first.sequence + 1);
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const expected = md5(`${md5('alice:r:wonder')}:n1:${md5(`INVITE:${second.uri}`)}`);
    expect(second.require('Proxy-Authorization')).toContain(`response="${expected}"`);
    peer.reply(second, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    expect((await peer.next('ACK')).sequence).toBe(second.sequence);
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('acknowledges and ends the second fork that answers', async () => {
    const { dialog, invite } = await answeredCall();
    peer.reply(invite, 200, { body: SDP_ANSWER, tag: 'other' });
    const ack = await peer.next('ACK');
    expect(ack.tag('To')).toBe('other');
    const bye = await peer.next('BYE');
    expect(bye.tag('To')).toBe('other');
    peer.reply(bye, 200);
    const ending = dialog.destroy();
    const own = await peer.next('BYE');
    expect(own.tag('To')).toBe('peer');
    peer.reply(own, 200);
    await ending;
  });

  it('renegotiates, whatever provisional responses come first', async () => {
    const { dialog, invite } = await answeredCall();
    const modifying = dialog.modify(SDP.replace('4000', '4008'));
    const again = await peer.next('INVITE');
    expect(again.sequence).toBe(invite.sequence + 1);
    expect(again.uri).toBe(peer.contact.slice(1, -1));
    peer.reply(again, 180);
    peer.reply(again, 200, {
      body: SDP_ANSWER,
      headers: { Contact: `<sip:moved@${peer.sentBy}>` },
    });
    expect(await modifying).toBe(SDP_ANSWER);
    const ack = await peer.next('ACK');
    expect(ack.uri).toBe(`sip:moved@${peer.sentBy}`);
    expect(ack.sequence).toBe(again.sequence);

    const refused = dialog.modify(SDP);
    const third = await peer.next('INVITE');
    peer.reply(third, 488);
    await expect(refused).rejects.toMatchObject({ status: 488 });
    expect((await peer.next('ACK')).sequence).toBe(third.sequence);
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('takes UPDATE and PRACK in an early dialog', async () => {
    const calling = srf.createUAC(target(), { localSdp: SDP, headers: { Supported: '100rel' } });
    const invite = await peer.next('INVITE');
    peer.reply(invite, 183, { headers: { Require: '100rel', RSeq: '77' }, body: SDP_ANSWER });
    const prack = await peer.next('PRACK');
    expect(prack.require('RAck')).toBe(`77 ${invite.sequence} INVITE`);
    expect(prack.sequence).toBe(invite.sequence + 1);
    peer.reply(prack, 200);
    peer.calleeRequest('UPDATE', invite, { sequence: 1, body: SDP_ANSWER });
    expect((await peer.next(200, 'UPDATE')).body).toBe(SDP);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    expect((await peer.next('ACK')).sequence).toBe(invite.sequence);
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });

  it('refuses what cannot be sent, with a sentence', async () => {
    const cases: [string, string][] = [
      ['sip:bob@127.0.0.1;transport=tcp', 'requested protocol/transport not available'],
      [`sip:bob@${peer.server}`, 'can not send request to myself'],
      ['mailto:bob@example.org', 'invalid request-uri: mailto:bob@example.org'],
    ];
    for (const [uri, sentence] of cases)
      await expect(srf.request(uri, { method: 'OPTIONS' })).rejects.toThrow(sentence);
    await expect(srf.request(target(), { method: 'MESSAGE', body: 'hello' })).rejects.toThrow(
      'missing content-type',
    );
  });

  it('answers 503 itself for a contact that no connection leads to', async () => {
    const req = await srf.request('sip:bob@nowhere.invalid', { method: 'OPTIONS' });
    const [response] = (await once(req, 'response')) as [SrfResponse];
    expect(`${response.status} ${response.reason}`).toBe('503 DNS Error');
  });
});
