import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import type { WebSocketPeer } from '../../support/websocket-peer.js';
import { withSdp, type WireApplication } from '../../support/wire-application.js';

let world: ConformanceWorld;
let app: WireApplication;
let browser: WebSocketPeer;

beforeEach(async () => {
  world = await ConformanceWorld.start();
  app = await world.app();
  browser = await world.browser();
});
afterEach(() => world.close());

const uri = (): string => `sip:peer@${browser.sentBy};transport=ws`;

async function register(expires = 300): Promise<string[]> {
  await app.command('route|register');
  const Contact = `${browser.contact};expires=${expires}`;
  browser.request('REGISTER', { headers: { Contact, Expires: String(expires) } });
  const frame = await app.event('REGISTER sip:');
  await app.respond(frame[8], '200 OK', `Contact: ${Contact}\r\nExpires: ${expires}\r\n\r\n`);
  await browser.next(200);
  return frame;
}

describe('a browser on a WebSocket', () => {
  it('registers, and is called on its connection', async () => {
    const frame = await register();
    expect(frame[4]).toBe(outcome('transport-of-websockets'));
    await app.command(`sip||\r\nINVITE ${uri()} SIP/2.0\r\n${withSdp(SDP)}`);
    const invite = await browser.next('INVITE');
    expect(invite.uri).toBe(uri());
    expect(invite.require('Via')).toMatch(/^SIP\/2\.0\/WS /);
    expect(invite.require('Contact')).toContain('transport=ws');
    browser.reply(invite, 200, { body: SDP_ANSWER });
    const dialog = (await app.event('SIP/2.0 200'))[9] ?? '';
    await app.inside(dialog, 'ACK');
    await browser.next('ACK');
    await app.inside(dialog, 'INFO');
    browser.reply(await browser.next('INFO'), 200);
    await app.event('SIP/2.0 200');
    browser.calleeRequest('BYE', invite, { sequence: 1, uri: `sip:${browser.server}` });
    await app.respond((await app.event('BYE sip:'))[8], '200 OK');
    await browser.next(200, 'BYE');
  });

  it('calls without having registered, and is reached in the dialog', async () => {
    await app.command('route|invite');
    browser.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    const echo = await app.respond(frame[8], '200 OK', withSdp(SDP_ANSWER));
    const ok = await browser.next(200);
    browser.callerRequest('ACK', ok, { sequence: 1 });
    await app.event('ACK sip:');
    await app.inside(echo[8] ?? '', 'BYE');
    browser.reply(await browser.next('BYE'), 200);
    await app.event('SIP/2.0 200');
  });

  it('is unknown to the network when it is not registered', async () => {
    const echo = await app.command(`sip||\r\nOPTIONS ${uri()} SIP/2.0\r\n\r\n`);
    expect(echo[0]).toBe('OK');
    const frame = await app.event('SIP/2.0 503');
    expect([frame[8], frame[3]]).toEqual([echo[7], '0']);
  });

  it('is gone when it has signed off', async () => {
    await register();
    await register(0);
    await app.command(`sip||\r\nOPTIONS ${uri()} SIP/2.0\r\n\r\n`);
    await app.event('SIP/2.0 503');
  });

  it('is gone when its WebSocket is', async () => {
    await register();
    await browser.close();
    // The server hears of it before this answer.
    const other = await world.browser();
    other.request('MESSAGE');
    await other.next(503);
    await app.command(`sip||\r\nOPTIONS ${uri()} SIP/2.0\r\n\r\n`);
    await app.event('SIP/2.0 410');
  });

  it('is a target of a proxy', async () => {
    await register();
    await app.command('route|invite');
    const caller = await world.peer();
    caller.request('INVITE', { body: SDP });
    const frame = await app.event('INVITE sip:');
    const meta = `proxy|${frame[8] ?? ''}||fullResponse||serial|||${uri()}`;
    app.send(`${meta}\r\nINVITE ${uri()} SIP/2.0\r\n\r\n`);
    const seen = await Promise.race([
      browser.next('INVITE').then((invite) => {
        browser.reply(invite, 486);
        return 'INVITE';
      }),
      (async () => {
        caller.request('SUBSCRIBE', { headers: { Event: 'presence' } });
        await caller.next(503, 'SUBSCRIBE');
        await app.command('ping');
        return 'none';
      })(),
    ]);
    expect(seen).toBe(outcome('proxy-to-a-websocket'));
  });

  it('has its pings answered', async () => {
    browser.sendText('\r\n\r\n');
    await expect.poll(() => browser.pongs).toEqual(['\r\n']);
  });
});
