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

interface Answered {
  dialog: string;
  ok: PeerMessage;
}

/** A call of the peer's that the application has answered. */
async function answered(headers: Record<string, string | string[]> = {}): Promise<Answered> {
  await app.command('route|invite');
  peer.request('INVITE', { body: SDP, headers });
  const invite = await app.event('INVITE sip:');
  const echo = await app.respond(invite[8], '200 OK', withSdp(SDP_ANSWER));
  const ok = await peer.next(200);
  peer.callerRequest('ACK', ok, { sequence: 1 });
  await app.event('ACK sip:');
  return { dialog: echo[8] ?? '', ok };
}

/** A call of the application's that the peer has answered. */
async function calling(): Promise<{ dialog: string; invite: PeerMessage }> {
  const uri = `sip:bob@${peer.sentBy};transport=udp`;
  const headers = 'From: <sip:app@localhost>;tag=mine\r\nCall-ID: ' + `out-${peer.sentBy}\r\n`;
  await app.command(`sip||\r\nINVITE ${uri} SIP/2.0\r\n${withSdp(SDP, headers)}`);
  const invite = await peer.next('INVITE');
  peer.reply(invite, 200, { body: SDP_ANSWER });
  const dialog = (await app.event('SIP/2.0 200'))[9] ?? '';
  await app.inside(dialog, 'ACK');
  await peer.next('ACK');
  return { dialog, invite };
}

describe('a dialog that the peer began', () => {
  it.each(['INFO', 'MESSAGE', 'OPTIONS', 'UPDATE', 'NOTIFY', 'REFER', 'SUBSCRIBE'])(
    'carries its %s with transaction and dialog id',
    async (method) => {
      const { dialog, ok } = await answered();
      const headers = {
        'Refer-To': '<sip:c@192.0.2.1>',
        Event: 'refer',
        'Subscription-State': 'active',
      };
      peer.callerRequest(method, ok, { sequence: 2, headers });
      const frame = await app.event(`${method} sip:`);
      expect(frame[9]).toBe(dialog);
      expect(frame[8]).not.toBe('');
      expect((await app.respond(frame[8], '202 Accepted'))[0]).toBe('OK');
      expect((await peer.next(202)).about).toBe(method);
    },
  );

  it('is changed by a re-INVITE, whose ACK is told', async () => {
    const { dialog, ok } = await answered();
    const contact = `<sip:moved@${peer.sentBy}>`;
    peer.callerRequest('INVITE', ok, {
      ...{ sequence: 2, body: SDP },
      headers: { Contact: contact },
    });
    await peer.next(100);
    const frame = await app.event('INVITE sip:');
    expect(frame[9]).toBe(dialog);
    await app.respond(frame[8], '200 OK', withSdp(SDP_ANSWER));
    const again = await peer.next(200);
    expect(again.require('Contact')).toContain(peer.server);
    peer.callerRequest('ACK', again, { sequence: 2, headers: { Contact: contact } });
    expect((await app.event('ACK sip:'))[9]).toBe(dialog);
    await app.inside(dialog, 'INFO');
    const { uri } = await peer.next('INFO');
    expect(uri === `sip:moved@${peer.sentBy}` ? 'the new Contact' : 'the old Contact').toBe(
      outcome('target-refresh'),
    );
  });

  it('refuses a change, and absorbs its ACK', async () => {
    const { ok, dialog } = await answered();
    const change = peer.callerRequest('INVITE', ok, { sequence: 2, body: SDP });
    const frame = await app.event('INVITE sip:');
    await app.respond(frame[8], '488 Not Acceptable Here');
    const refused = await peer.next(488);
    peer.sameBranch('ACK', change, refused.require('To'));
    peer.callerRequest('INFO', ok, { sequence: 3 });
    expect((await app.event('INFO sip:'))[9]).toBe(dialog);
    expect(app.client.payloads.filter((payload) => payload.includes('ACK sip:'))).toEqual([]);
  });

  it('uses the route that Record-Route gave', async () => {
    const proxy = `<sip:${peer.sentBy};lr>`;
    const { dialog } = await answered({ 'Record-Route': [proxy, '<sip:192.0.2.9;lr>'] });
    await app.inside(dialog, 'INFO');
    const info = await peer.next('INFO');
    expect(info.all('Route').join(', ')).toBe(`${proxy}, <sip:192.0.2.9;lr>`);
    expect(info.uri).toBe(`sip:peer@${peer.sentBy}`);
  });

  it('is over with its BYE, and the application still answers that', async () => {
    const { dialog, ok } = await answered();
    peer.callerRequest('BYE', ok, { sequence: 2 });
    const bye = await app.event('BYE sip:');
    const [result, why] = await app.inside(dialog, 'INFO');
    expect([result, why]).toEqual([
      'NOK',
      'Server error: unable to find dialog for dialog id provided',
    ]);
    expect((await app.respond(bye[8], '200 OK'))[8]).toBe('');
    await peer.next(200, 'BYE');
    peer.callerRequest('BYE', ok, { sequence: 3 });
    await peer.next(481, 'BYE');
  });

  it('answers 481 when its application is gone', async () => {
    const { ok } = await answered();
    app.client.destroy();
    await app.client.closed;
    // By the time that it has answered another one, the server has heard of it.
    await (await world.app()).command('ping');
    const seen = await Promise.race([
      peer.next('BYE').then(() => 'hung up'),
      (async () => {
        peer.callerRequest('INFO', ok, { sequence: 2 });
        return (await peer.next(481, 'INFO')).status;
      })(),
    ]);
    expect(seen === 'hung up' ? 'BYE' : '481').toBe(outcome('application-gone'));
  });

  it('sends what the application says, with the headers of the dialog', async () => {
    const { dialog, ok } = await answered();
    const rest = 'X-Own: yes\r\nContent-Type: text/plain\r\n\r\nhällo';
    const echo = await app.inside(dialog, 'INFO', rest);
    expect(echo.slice(0, 2)).toEqual(['OK', 'application']);
    const info = await peer.next('INFO');
    expect(info.body).toBe('hällo');
    expect(info.require('X-Own')).toBe('yes');
    expect(info.tag('From')).toBe(ok.tag('To'));
    expect(info.tag('To')).toBe(ok.tag('From'));
    expect(info.require('Max-Forwards')).toBe('70');
    peer.reply(info, 200);
    const frame = await app.event('SIP/2.0 200');
    expect([frame[8], frame[9]]).toEqual([echo[7], dialog]);
  });

  it('wants a type for a body that is not SDP', async () => {
    const { dialog } = await answered();
    expect(await app.inside(dialog, 'INFO', '\r\nhello')).toEqual([
      'NOK',
      'Server error: missing content-type',
    ]);
  });
});

describe('a dialog that the application began', () => {
  it('has its Call-ID and From tag as id, and @localhost made real', async () => {
    const { dialog, invite } = await calling();
    expect(dialog).toBe(`out-${peer.sentBy};from-tag=mine`);
    expect(invite.require('From')).toMatch(/^<sip:app@127\.0\.0\.1(:\d+)?>;tag=mine$/);
    await app.inside(dialog, 'BYE');
    peer.reply(await peer.next('BYE'), 200);
    await app.event('SIP/2.0 200');
    expect((await app.inside(dialog, 'INFO'))[0]).toBe('NOK');
  });

  it('is hung up by the peer', async () => {
    const { dialog, invite } = await calling();
    peer.calleeRequest('BYE', invite, { sequence: 1 });
    const bye = await app.event('BYE sip:');
    expect(bye[9]).toBe(dialog);
    await app.respond(bye[8], '200 OK');
    await peer.next(200, 'BYE');
  });

  it('gets the ACK again for each copy of the 200', async () => {
    const { invite } = await calling();
    peer.reply(invite, 200, { body: SDP_ANSWER });
    await peer.next('ACK');
    expect(app.client.payloads.filter((payload) => payload.includes('SIP/2.0 200'))).toEqual([]);
  });

  it('survives a BYE that is challenged', async () => {
    const { dialog } = await calling();
    await app.inside(dialog, 'BYE');
    peer.reply(await peer.next('BYE'), 401);
    await app.event('SIP/2.0 401');
    expect((await app.inside(dialog, 'BYE'))[0]).toBe('OK');
    peer.reply(await peer.next('BYE'), 200);
    await app.event('SIP/2.0 200');
  });

  it('reports the final response of a re-INVITE that rang', async () => {
    const { dialog } = await calling();
    await app.inside(dialog, 'INVITE', withSdp(SDP));
    const change = await peer.next('INVITE');
    peer.reply(change, 180);
    await app.event('SIP/2.0 180');
    peer.reply(change, 200, { body: SDP_ANSWER });
    // Answered after it, so that the 200 must be here by then.
    await app.inside(dialog, 'INFO');
    peer.reply(await peer.next('INFO'), 204);
    await app.event('SIP/2.0 204');
    const told = app.client.history.filter((payload) => payload.includes('SIP/2.0 200'));
    expect(String(told.length - 1)).toBe(outcome('ringing-re-invite'));
  });

  it('sends no second ACK for a change that was refused', async () => {
    const { dialog } = await calling();
    await app.inside(dialog, 'INVITE', withSdp(SDP));
    peer.reply(await peer.next('INVITE'), 488);
    await peer.next('ACK');
    await app.event('SIP/2.0 488');
    await app.inside(dialog, 'ACK');
    await app.inside(dialog, 'INFO');
    await peer.next('INFO');
    const stray = peer.inbox.filter(({ method }) => method === 'ACK');
    expect(String(stray.length)).toBe(outcome('ack-of-refused-change'));
  });
});
