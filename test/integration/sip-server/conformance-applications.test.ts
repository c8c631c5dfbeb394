import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
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

describe('the connection of an application', () => {
  it('greets with contacts and a version', async () => {
    const stranger = await world.raw('');
    stranger.send(`hello|authenticate|${world.application.secret}|one,two`);
    const payload = await stranger.next('|response|hello|');
    const [contacts = '', version = '', locals = ''] = payload.split('|').slice(4);
    expect(contacts.split(',')).toContain(`udp/${peer.server}`);
    expect(version).toMatch(/^v\d+\.\d+\.\d+/);
    expect(locals).toContain('udp/');
  });

  it('takes frames in any pieces, several at once, and counts bytes', async () => {
    const payload = 'ü|ping';
    const frame = `${Buffer.byteLength(payload)}#${payload}`;
    for (const byte of Buffer.from(frame)) app.client.write(Buffer.from([byte]));
    await app.client.next('|response|ü|OK|pong');
    app.client.write(frame + frame + frame);
    for (let turn = 0; turn < 3; turn += 1) await app.client.next('|response|ü|OK|pong');
  });

  it('is closed by a length that is none', async () => {
    app.client.write('abc#x');
    await app.client.closed;
  });

  it.each([
    ['an unknown command', 'dance', 'Unknown message type'],
    ['a response without transaction', 'sip||\r\nSIP/2.0 200 OK\r\n\r\n', 'transaction id missing'],
    ['too little to proxy', 'proxy|x', 'not enough information'],
  ])('is closed by %s', async (_what, text, why) => {
    const [result, sentence] = await app.command(text);
    expect(result).toBe('NO');
    expect(sentence).toContain(why);
    await app.client.closed;
  });

  it('carries large frames', async () => {
    const big = 'x'.repeat(14_000);
    const id = app.send(
      `sip||\r\nMESSAGE sip:bob@${peer.sentBy};transport=udp SIP/2.0\r\nX-Big: ${big}\r\n\r\n`,
    );
    const other = await world.app();
    const seen = await Promise.race([
      app.answerOf(id).then(() => 'answered'),
      (async () => {
        for (let turn = 0; turn < 5; turn += 1) await other.command('ping');
        peer.request('SUBSCRIBE', { headers: { Event: 'presence' } });
        await peer.next(503);
        return 'none';
      })(),
    ]);
    expect(seen).toBe(outcome('large-frames'));
  });
});

const NOTIFY = { Event: 'presence', 'Subscription-State': 'active' };

describe('several applications', () => {
  it('get requests in turn', async () => {
    const other = await world.app();
    // Of a method that no other test routes, and no longer than needed: a drachtio-server finds out only in passing that
    // an application is gone, and that upsets the turns.
    for (const one of [app, other]) await one.command('route|notify');
    for (let turn = 0; turn < 4; turn += 1) peer.request('NOTIFY', { headers: NOTIFY });
    for (const one of [app, other])
      for (let turn = 0; turn < 2; turn += 1) {
        const frame = await one.event('NOTIFY sip:');
        await one.respond(frame[8], '200 OK');
        await peer.next(200);
      }
    for (const one of [app, other]) await one.command('remove_route|notify');
  });

  it('get nothing of a method that they did not ask for, or no longer do', async () => {
    const other = await world.app();
    await app.command('route|options');
    await other.command('route|options');
    await other.command('remove_route|options');
    for (let turn = 0; turn < 2; turn += 1) {
      peer.request('OPTIONS');
      await app.respond((await app.event('OPTIONS sip:'))[8], '200 OK');
      await peer.next(200);
    }
    expect(other.client.payloads).toEqual([]);
  });

  it('share nothing of a call: its requests go to who answered it', async () => {
    const other = await world.app();
    for (const one of [app, other]) await one.command('route|info');
    await app.command('route|invite');
    peer.request('INVITE', { body: SDP });
    const invite = await app.event('INVITE sip:');
    await app.respond(invite[8], '200 OK', withSdp(SDP_ANSWER));
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    await app.event('ACK sip:');
    for (let sequence = 2; sequence < 5; sequence += 1) {
      peer.callerRequest('INFO', ok, { sequence });
      await app.respond((await app.event('INFO sip:'))[8], '200 OK');
      await peer.next(200, 'INFO');
    }
    expect(other.client.payloads).toEqual([]);
  });

  it('answer only what is theirs: a request that went to another one', async () => {
    const other = await world.app();
    await app.command('route|options');
    peer.request('OPTIONS');
    const frame = await app.event('OPTIONS sip:');
    const [result] = await other.respond(frame[8], '200 OK');
    expect(result).toBe(outcome('answer-of-another-application'));
    if (result === 'NOK') await app.respond(frame[8], '200 OK');
    await peer.next(200);
  });

  it('leave their requests behind when they go', async () => {
    await app.command('route|options');
    peer.request('OPTIONS');
    await app.event('OPTIONS sip:');
    app.client.destroy();
    const other = await world.app();
    const seen = await Promise.race([
      peer.next(503, 'OPTIONS').then(() => '503'),
      (async () => {
        await other.command('ping');
        peer.request('INFO');
        await peer.next(503, 'INFO');
        peer.request('INFO');
        await peer.next(503, 'INFO');
        return 'none';
      })(),
    ]);
    expect(seen).toBe(outcome('requests-of-a-lost-application'));
  });
});

describe('records of calls', () => {
  it('tell both roles, and how a call ended', async () => {
    const keeper = await world.app();
    for (const event of ['attempt', 'start', 'stop']) await keeper.command(`route|cdr:${event}`);
    await app.command('route|invite');
    peer.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    await app.respond(frame[8], '200 OK', withSdp(SDP_ANSWER));
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await app.respond((await app.event('BYE sip:'))[8], '200 OK');
    await peer.next(200, 'BYE');
    const line = `INVITE sip:bob@${peer.server} SIP/2.0`;
    expect(await keeper.record('attempt')).toEqual(['network', line]);
    expect(await keeper.record('start')).toEqual(['application', 'uas', 'SIP/2.0 200 OK']);
    expect((await keeper.record('stop')).slice(0, 2)).toEqual(['network', 'normal-release']);
    const uri = `sip:bob@${peer.sentBy};transport=udp`;
    await app.command(`sip||\r\nINVITE ${uri} SIP/2.0\r\n${withSdp(SDP)}`);
    peer.reply(await peer.next('INVITE'), 486);
    await app.event('SIP/2.0 486');
    expect((await keeper.record('attempt'))[0]).toBe('application');
    expect((await keeper.record('stop')).slice(0, 2)).toEqual(['network', 'call-rejected']);
  });
});
