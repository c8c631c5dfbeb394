import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import { withSdp, type WireApplication } from '../../support/wire-application.js';

let world: ConformanceWorld;
let app: WireApplication;
let peer: SipPeer;

beforeEach(async () => {
  world = await ConformanceWorld.start();
  app = await world.app();
  peer = await world.peer();
});
afterEach(() => world.close());

const uri = (): string => `sip:bob@${peer.sentBy};transport=udp`;

/** The transaction of a call that the peer makes. */
async function called(headers: Record<string, string> = {}): Promise<string> {
  await app.command('route|invite');
  peer.request('INVITE', { body: SDP, headers });
  return (await app.event('INVITE sip:'))[8] ?? '';
}

/** A call that the application makes, as the peer got it, and its transaction. */
async function placed(headers = ''): Promise<{ invite: PeerMessage; transaction: string }> {
  const echo = await app.command(`sip||\r\nINVITE ${uri()} SIP/2.0\r\n${withSdp(SDP, headers)}`);
  return { invite: await peer.next('INVITE'), transaction: echo[7] ?? '' };
}

describe('a reliable provisional response', () => {
  it('is refused toward a peer that does not know them', async () => {
    const transaction = await called();
    const answer = await app.respond(transaction, '183 Progress', 'Require: 100rel\r\n\r\n');
    expect(answer).toEqual(['NOK', 'Remote endpoint does not support 100rel']);
    await app.respond(transaction, '486 Busy Here');
    await peer.next(486);
  });

  it('is numbered, and its PRACK comes with the dialog', async () => {
    const transaction = await called({ Supported: '100rel' });
    const id = app.send(
      `sip|${transaction}|\r\nSIP/2.0 183 Progress\r\n${withSdp(SDP_ANSWER, 'Require: 100rel\r\n')}`,
    );
    const echo = await app.answerOf(id);
    expect(echo.sip).toMatch(/\r\nRSeq: \d+\r\n/);
    const progress = await peer.next(183);
    expect(progress.require('Contact')).toContain(peer.server);
    const RAck = `${progress.require('RSeq')} 1 INVITE`;
    peer.callerRequest('PRACK', progress, { sequence: 2, headers: { RAck } });
    const prack = await app.event('PRACK sip:');
    expect(prack[9]).toBe(echo.tokens[8]);
    expect(prack[8]).not.toBe(transaction);
    await app.respond(prack[8], '200 OK');
    await peer.next(200, 'PRACK');
    peer.callerRequest('UPDATE', progress, { sequence: 3, body: SDP });
    const update = await app.event('UPDATE sip:');
    expect(update[9]).toBe(echo.tokens[8]);
    await app.respond(update[8], '200 OK', withSdp(SDP_ANSWER));
    await peer.next(200, 'UPDATE');
    await app.respond(transaction, '486 Busy Here');
    await peer.next(486);
  });

  it('of the callee is acknowledged by the application', async () => {
    const { invite } = await placed('Supported: 100rel\r\n');
    peer.reply(invite, 183, { body: SDP_ANSWER, headers: { Require: '100rel', RSeq: '9' } });
    const progress = await app.event('SIP/2.0 183');
    const answer = await app.inside(
      progress[9] ?? '',
      'PRACK',
      `RAck: 9 ${invite.sequence} INVITE\r\n\r\n`,
    );
    expect(answer[0]).toBe('OK');
    const prack = await peer.next('PRACK');
    expect(prack.sequence).toBe(invite.sequence + 1);
    expect(prack.tag('To')).toBe('peer');
    peer.reply(prack, 200);
    await app.event('SIP/2.0 200');
    peer.reply(invite, 486);
    await app.event('SIP/2.0 486');
  });
});

describe('before the answer', () => {
  it('the application chooses the To tag with its first response', async () => {
    const transaction = await called();
    await app.respond(transaction, '180 Ringing', 'To: <sip:bob@x>;tag=chosen\r\n\r\n');
    expect((await peer.next(180)).tag('To')).toBe('chosen');
    await app.respond(transaction, '200 OK', withSdp(SDP_ANSWER));
    expect((await peer.next(200)).tag('To')).toBe('chosen');
  });

  it('an UPDATE comes with the transaction of the INVITE; CSeq tells its answer', async () => {
    const transaction = await called();
    await app.respond(transaction, '183 Progress', withSdp(SDP_ANSWER));
    const progress = await peer.next(183);
    peer.callerRequest('UPDATE', progress, {
      ...{ sequence: 2, body: SDP, uri: `sip:bob@${peer.server}` },
    });
    const update = await app.event('UPDATE sip:');
    expect(update[8] === transaction ? 'of the INVITE' : 'own').toBe(
      outcome('transaction-of-early-update'),
    );
    await app.respond(update[8], '200 OK', withSdp(SDP_ANSWER, 'CSeq: 2 UPDATE\r\n'));
    expect((await peer.next(200, 'UPDATE')).body).toBe(SDP_ANSWER);
    await app.respond(transaction, '486 Busy Here');
    await peer.next(486);
  });

  it('an INFO reaches the application, and is answered once', async () => {
    const transaction = await called();
    await app.command('route|info');
    await app.respond(transaction, '183 Progress', withSdp(SDP_ANSWER));
    const progress = await peer.next(183);
    peer.callerRequest('INFO', progress, { sequence: 2, uri: `sip:bob@${peer.server}` });
    const info = await app.event('INFO sip:');
    const [result] = await app.respond(info[8], '200 OK');
    const answer = await peer.nextThat(({ about }) => about === 'INFO');
    expect(`${result} ${answer.status}`).toBe(outcome('early-info'));
    await app.respond(transaction, '486 Busy Here');
    await peer.next(486);
  });

  it('a CANCEL of the application waits for the first provisional response', async () => {
    const { invite, transaction } = await placed();
    const cancel = `sip|${transaction}|\r\nCANCEL ${uri()} SIP/2.0\r\nReason: SIP;cause=200\r\n\r\n`;
    expect((await app.command(cancel))[0]).toBe('OK');
    expect(peer.inbox).toEqual([]);
    peer.reply(invite, 180);
    const seen = await peer.next('CANCEL');
    expect(seen.require('Via')).toBe(invite.require('Via'));
    expect(seen.sequence).toBe(invite.sequence);
    expect(seen.require('Reason')).toContain('cause=200');
    peer.reply(seen, 200);
    peer.reply(invite, 487);
    const frame = await app.event('SIP/2.0 487');
    expect(frame[8]).toBe(transaction);
  });

  it('an answer that crosses the CANCEL is acknowledged and hung up on', async () => {
    const { invite, transaction } = await placed();
    peer.reply(invite, 180);
    await app.event('SIP/2.0 180');
    await app.command(`sip|${transaction}|\r\nCANCEL ${uri()} SIP/2.0\r\n\r\n`);
    peer.reply(await peer.next('CANCEL'), 200);
    peer.reply(invite, 200, { body: SDP_ANSWER });
    const ok = await app.event('SIP/2.0 200');
    await app.inside(ok[9] ?? '', 'ACK');
    await peer.next('ACK');
    peer.reply(await peer.next('BYE'), 200);
    const bye = await app.event('BYE sip:');
    expect([bye[2], bye[8]]).toEqual(['application', 'unsolicited']);
  });

  it('a CANCEL of nothing is 481', async () => {
    const invite = peer.request('OPTIONS', { headers: { 'Max-Forwards': '70' } });
    await peer.next(503);
    const headers = `CSeq: 1 CANCEL`;
    peer.sendText(
      invite.text
        .replace('OPTIONS sip:', 'CANCEL sip:')
        .replace('CSeq: 1 OPTIONS', headers)
        .replace('branch=z9hG4bK', 'branch=z9hG4bKother'),
    );
    await peer.next(481, 'CANCEL');
  });

  it('the answer of a second branch', async () => {
    const { invite } = await placed();
    peer.reply(invite, 200, { body: SDP_ANSWER, tag: 'one' });
    const ok = await app.event('SIP/2.0 200');
    await app.inside(ok[9] ?? '', 'ACK');
    await peer.next('ACK');
    peer.reply(invite, 200, { body: SDP_ANSWER, tag: 'two' });
    const seen = await Promise.race([
      peer.next('BYE').then((bye) => `BYE ${bye.tag('To') ?? ''}`),
      (async () => {
        // Answered after it: what comes of it must be here by then.
        for (let turn = 0; turn < 2; turn += 1) {
          peer.request('SUBSCRIBE', { headers: { Event: 'presence' } });
          await peer.next(503);
        }
        return `no BYE, ${peer.inbox.filter(({ method }) => method === 'ACK').length} ACK`;
      })(),
    ]);
    expect(seen).toBe(outcome('second-branch'));
  });
});

describe('session timers', () => {
  it('of the caller are agreed to as offered', async () => {
    const transaction = await called({
      Supported: 'timer',
      'Session-Expires': '1800;refresher=uac',
    });
    await app.respond(transaction, '200 OK', withSdp(SDP_ANSWER));
    expect((await peer.next(200)).require('Session-Expires')).toBe('1800;refresher=uac');
  });

  it('are left alone when nobody is named to refresh', async () => {
    const transaction = await called({ Supported: 'timer', 'Session-Expires': '1800' });
    await app.respond(transaction, '200 OK', withSdp(SDP_ANSWER));
    expect((await peer.next(200)).get('Session-Expires')).toBeUndefined();
  });

  it('of the application go into the answer', async () => {
    const transaction = await called({ Supported: 'timer' });
    const headers = 'Session-Expires: 600;refresher=uas\r\n';
    await app.respond(transaction, '200 OK', withSdp(SDP_ANSWER, headers));
    expect((await peer.next(200)).require('Session-Expires')).toBe('600;refresher=uas');
  });

  it('that are too short for a first INVITE', async () => {
    await app.command('route|invite');
    peer.request('INVITE', { body: SDP, headers: { Supported: 'timer', 'Session-Expires': '30' } });
    const seen = await Promise.race([
      peer.next(422).then((refused) => `422 ${refused.require('Min-SE')}`),
      app.event('INVITE sip:').then(() => 'delivered'),
    ]);
    expect(seen).toBe(outcome('short-session'));
  });
});
