import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import { WireApplication, withSdp } from '../../support/wire-application.js';

let world: ConformanceWorld;
let app: WireApplication;
let peer: SipPeer;

beforeEach(async () => {
  world = await ConformanceWorld.start();
  app = new WireApplication(await world.raw());
  peer = await world.peer();
});
afterEach(() => world.close());

describe('commands', () => {
  it('answers ping, and routes as often as they come', async () => {
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
    expect(await app.command('route|invite')).toEqual(['OK']);
    expect(await app.command('route|invite')).toEqual(['OK']);
    expect(await app.command('remove_route|invite')).toEqual(['OK']);
  });

  it('refuses a wrong secret and hangs up', async () => {
    const stranger = new WireApplication(await world.raw(''));
    expect(await stranger.command('authenticate|wrong|')).toEqual(['NO', 'incorrect secret']);
    await stranger.client.closed;
  });

  it('before authentication', async () => {
    const stranger = new WireApplication(await world.raw(''));
    expect((await stranger.command('route|invite'))[0]).toBe(
      outcome('commands-before-authentication'),
    );
  });

  it('removes a route', async () => {
    await app.command('route|options');
    await app.command('route|message');
    await app.command('remove_route|options');
    peer.request('MESSAGE', { body: 'x', headers: { 'Content-Type': 'text/plain' } });
    const seen = await Promise.race([
      app.event('MESSAGE sip:').then(() => 'kept'),
      peer.next(503).then(() => 'removed'),
    ]);
    expect(seen).toBe(outcome('remove-route-of-one-verb'));
  });

  it.each([
    ['sip||no-such-dialog\r\nBYE sip:placeholder SIP/2.0\r\n\r\n', /unable to find dialog/],
    ['sip|no-such-transaction|\r\nSIP/2.0 200 OK\r\n\r\n', /unknown transaction/],
    ['sip|no-such-transaction|\r\nCANCEL sip:x@127.0.0.1 SIP/2.0\r\n\r\n', /unable to cancel/],
    ['proxy|nope|||||||sip:x@127.0.0.1\r\nINVITE sip:x SIP/2.0\r\n\r\n', /Unknown transaction id/],
  ])('refuses what makes no sense: %j', async (text, sentence) => {
    const [result, why] = await app.command(text);
    expect(result).toBe('NOK');
    expect(why).toMatch(sentence);
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
  });
});

describe('requests from the network', () => {
  it('come with where they came from', async () => {
    await app.command('route|options');
    peer.request('OPTIONS');
    const frame = await app.event('OPTIONS sip:');
    const [host, port] = peer.sentBy.split(':');
    expect([frame[2], ...frame.slice(4, 7)]).toEqual(['network', 'udp', host, port]);
    expect(frame[9]).toBe('');
    const [result, ...echo] = await app.respond(frame[8], '200 OK');
    expect(result).toBe('OK');
    expect(echo[0]).toBe('application');
    await peer.next(200);
  });

  it('find nobody: 503; belong to nothing: 481', async () => {
    peer.request('SUBSCRIBE', { headers: { Event: 'presence' } });
    await peer.next(503);
    peer.request('BYE', { headers: { To: '<sip:x@y>;tag=gone' } });
    await peer.next(481);
  });

  it('of an unknown method', async () => {
    peer.request('DANCE');
    // Answered after it, so that an answer to it must be here by then.
    peer.request('SUBSCRIBE', { headers: { Event: 'presence' } });
    await peer.next(503);
    const answer = peer.inbox.find(({ status }) => status === 501);
    expect(answer === undefined ? 'none' : '501').toBe(outcome('unknown-method'));
  });

  it('of a REFER outside dialogs', async () => {
    await app.command('route|refer');
    await app.command('route|options');
    peer.request('REFER', { headers: { 'Refer-To': '<sip:c@192.0.2.1>' } });
    peer.request('OPTIONS');
    await app.event('OPTIONS sip:');
    const seen = app.client.history.some((payload) => payload.includes('REFER sip:'));
    expect(seen ? 'delivered' : 'none').toBe(outcome('refer-outside-dialogs'));
  });

  it('are cancelled by the server, which tells the application', async () => {
    await app.command('route|invite');
    const invite = peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    await app.respond(frame[8], '180 Ringing');
    await peer.next(180);
    peer.sameBranch('CANCEL', invite);
    await peer.next(200, 'CANCEL');
    await peer.next(487, 'INVITE');
    const cancel = await app.event('CANCEL sip:');
    expect(cancel[8]).toBe(frame[8]);
    const [late, why] = await app.respond(frame[8], '487 Request Terminated');
    expect([late, why]).toEqual(['NOK', 'Response not sent due to unknown transaction']);
  });

  it('form a dialog whose id is Call-ID and From tag', async () => {
    await app.command('route|invite');
    const invite = peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    const echo = await app.respond(frame[8], '200 OK', withSdp(SDP_ANSWER));
    const id = `${invite.require('Call-ID')};from-tag=${invite.tag('From') ?? ''}`;
    expect(echo[8]).toBe(id);
    const ok = await peer.next(200);
    expect((await app.respond(frame[8], '486 Busy Here'))[0]).toBe(outcome('second-final'));
    peer.callerRequest('ACK', ok, { sequence: 1 });
    expect((await app.event('ACK sip:'))[9]).toBe(id);
    peer.callerRequest('BYE', ok, { sequence: 2 });
    const bye = await app.event('BYE sip:');
    expect(bye[9]).toBe(id);
    await app.respond(bye[8], '200 OK');
    await peer.next(200, 'BYE');
  });
});

describe('requests of the application', () => {
  it('come back as they went out, before their responses', async () => {
    const to = `sip:bob@${peer.sentBy};transport=udp`;
    const echo = await app.command(`sip||\r\nOPTIONS ${to} SIP/2.0\r\n\r\n`);
    expect(echo.slice(0, 2)).toEqual(['OK', 'application']);
    const options = await peer.next('OPTIONS');
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'])
      expect(options.get(name)).toBeDefined();
    peer.reply(options, 404);
    expect((await app.event('SIP/2.0 404'))[8]).toBe(echo[7]);
  });

  it('to the server itself are refused', async () => {
    const [result, why] = await app.command(
      `sip||\r\nOPTIONS sip:x@${peer.server} SIP/2.0\r\n\r\n`,
    );
    expect([result, why]).toEqual(['NOK', 'can not send request to myself']);
  });

  it('are acknowledged by the server when refused, and only then', async () => {
    const to = `sip:bob@${peer.sentBy};transport=udp`;
    const echo = await app.command(`sip||\r\nINVITE ${to} SIP/2.0\r\n${withSdp(SDP)}`);
    const invite = await peer.next('INVITE');
    peer.reply(invite, 486);
    await peer.next('ACK');
    const frame = await app.event('SIP/2.0 486');
    expect(frame[8]).toBe(echo[7]);
    const [result] = await app.command(`sip||${frame[9] ?? ''}\r\nACK ${to} SIP/2.0\r\n\r\n`);
    expect(result).toBe('NOK');
  });
});
