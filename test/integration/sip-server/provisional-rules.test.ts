import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
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

async function invited(
  headers: Record<string, string> = {},
): Promise<{ req: SrfRequest; res: SrfResponse }> {
  const incoming = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
    srf.invite((req, res) => {
      resolve({ req, res });
    });
  });
  await routed(srf);
  peer.request('INVITE', { body: SDP, headers });
  return incoming;
}

describe('reliable provisional responses to a call of the application (RFC 3262 section 4)', () => {
  it('get one PRACK each: none for a copy, none for one that came too early', async () => {
    const calling = srf.createUAC(`sip:bob@${peer.sentBy}`, {
      localSdp: SDP,
      headers: { Supported: '100rel' },
    });
    const invite = await peer.next('INVITE');
    const progress = (rseq: number, tag = 'peer'): void => {
      peer.reply(invite, 183, {
        tag,
        body: SDP_ANSWER,
        headers: { Require: '100rel', RSeq: String(rseq) },
      });
    };
    const acknowledged = async (): Promise<string> => {
      const prack = await peer.next('PRACK');
      peer.reply(prack, 200);
      return `${prack.require('RAck')} ${prack.tag('To') ?? ''}`;
    };
    progress(7);
    progress(7);
    progress(9);
    expect(await acknowledged()).toBe(`7 ${invite.sequence} INVITE peer`);
    progress(8);
    expect(await acknowledged()).toBe(`8 ${invite.sequence} INVITE peer`);
    // Another fork counts for itself.
    progress(1, 'fork');
    expect(await acknowledged()).toBe(`1 ${invite.sequence} INVITE fork`);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = await calling;
    await peer.next('ACK');
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
    expect(peer.inbox.filter(({ method }) => method === 'PRACK')).toEqual([]);
  });
});

describe('a caller that requires 100rel', () => {
  it('rings reliably although the application did not think of it, and its PRACK is answered', async () => {
    const { req, res } = await invited({ Require: '100rel' });
    res.send(180);
    const ringing = await peer.next(180);
    expect(ringing.require('Require')).toBe('100rel');
    await clock.advanceAsync(500);
    await peer.next(180);
    const RAck = `${ringing.require('RSeq')} 1 INVITE`;
    peer.callerRequest('PRACK', ringing, { sequence: 2, headers: { RAck } });
    await peer.next(200, 'PRACK');
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ok = await peer.next(200, 'INVITE');
    const acknowledged = once(dialog, 'ack');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await acknowledged;
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
  });
});

describe('a call that rings for long', () => {
  it('rings again each minute, so that no proxy gives it up (RFC 3261 section 13.3.1.1)', async () => {
    const { res } = await invited();
    res.send(180);
    const first = await peer.next(180);
    for (let minute = 0; minute < 3; minute++) {
      await clock.advanceAsync(60_000);
      expect((await peer.next(180)).text).toBe(first.text);
    }
    res.send(486);
    await peer.next(486);
    await clock.advanceAsync(120_000);
    expect(peer.inbox.filter(({ status }) => status === 180)).toEqual([]);
  });

  it('is told so reliably where it was reliable, each time with its own PRACK and no SDP', async () => {
    const { req, res } = await invited({ Require: '100rel' });
    res.send(183, { body: SDP_ANSWER, headers: { 'Content-Type': 'application/sdp' } });
    const first = await peer.next(183);
    expect(first.body).toBe(SDP_ANSWER);
    const acknowledge = async (response: PeerMessage, sequence: number): Promise<void> => {
      const RAck = `${response.require('RSeq')} 1 INVITE`;
      peer.callerRequest('PRACK', response, { sequence, headers: { RAck } });
      await peer.next(200, 'PRACK');
    };
    await acknowledge(first, 2);
    for (let minute = 1; minute <= 4; minute++) {
      await clock.advanceAsync(minute === 1 ? 60_000 : 59_500);
      const again = await peer.next(183);
      expect(again.require('Require')).toBe('100rel');
      expect(Number(again.require('RSeq'))).toBe(Number(first.require('RSeq')) + minute);
      expect([again.body, again.get('Content-Type')]).toEqual(['', undefined]);
      expect(again.require('To')).toBe(first.require('To'));
      // Like any reliable response it is repeated until its PRACK is here.
      await clock.advanceAsync(500);
      expect((await peer.next(183)).text).toBe(again.text);
      await acknowledge(again, 2 + minute);
    }
    const dialog = await srf.createUAS(req, res, { localSdp: SDP_ANSWER });
    const ok = await peer.next(200, 'INVITE');
    peer.callerRequest('ACK', ok, { sequence: 1 });
    const ending = dialog.destroy();
    peer.reply(await peer.next('BYE'), 200);
    await ending;
    expect(peer.inbox.filter(({ status }) => status === 183)).toEqual([]);
  });

  it('ends when the time is over that the caller gave it (RFC 3261 section 13.3.1)', async () => {
    const { req, res } = await invited({ Expires: '20' });
    res.send(180);
    await peer.next(180);
    const cancelled = once(req, 'cancel');
    await clock.advanceAsync(20_000);
    await peer.next(487);
    const [message] = (await cancelled) as [SrfRequest];
    expect(message.get('Reason')).toBe('SIP;cause=487;text="Invitation expired"');
    expect(harness.server.counts()).toMatchObject({ waiting: 0, dialogs: 0 });
  });
});
