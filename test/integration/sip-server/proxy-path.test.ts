import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import { ProxyWorld, uriOf } from '../../support/proxy-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { routed, SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import type { SrfClient } from '../../support/srf-wire.js';

let world: ProxyWorld;
let clock: ManualClock;
let srf: SrfClient;
let caller: SipPeer;
let first: SipPeer;

beforeEach(async () => {
  clock = new ManualClock();
  world = await ProxyWorld.start(clock);
  ({ srf, caller, first } = world);
});
afterEach(() => world.harness.close());

describe('a proxied dialog in whose path the server stays', () => {
  const route = (message: PeerMessage): { headers: { Route: string[] } } => ({
    headers: { Route: message.all('Record-Route') },
  });

  it('is relayed in both directions without the application', async () => {
    await world.proxied([uriOf(first)], { remainInDialog: true });
    const copy = await first.next('INVITE');
    const recorded = copy.require('Record-Route');
    expect(recorded).toMatch(new RegExp(`^<sip:${caller.server};lr;`));
    first.reply(copy, 200, { headers: { 'Record-Route': recorded }, body: SDP_ANSWER });
    const ok = await caller.next(200);
    caller.callerRequest('ACK', ok, { sequence: 1, ...route(ok) });
    const ack = await first.next('ACK');
    expect(ack.uri).toBe(first.contact.slice(1, -1));
    expect(ack.get('Route')).toBeUndefined();
    first.calleeRequest('INFO', copy, { sequence: 1, ...route(copy) });
    caller.reply(await caller.next('INFO'), 200);
    await first.next(200, 'INFO');
    caller.callerRequest('INVITE', ok, { sequence: 2, body: SDP, ...route(ok) });
    const again = await first.next('INVITE');
    expect(again.tag('To')).toBe('peer');
    first.reply(again, 488);
    await caller.next(488);
    caller.callerRequest('BYE', ok, { sequence: 3, ...route(ok) });
    first.reply(await first.next('BYE'), 200);
    await caller.next(200, 'BYE');
    expect(world.harness.server.counts()).toMatchObject({ waiting: 0, dialogs: 0 });
  });

  it('is found by the call’s own Record-Route only: no stranger can use the server as a relay', async () => {
    await world.proxied([uriOf(first)], { remainInDialog: true });
    const copy = await first.next('INVITE');
    first.reply(copy, 200, { headers: { 'Record-Route': copy.require('Record-Route') } });
    const ok = await caller.next(200);
    caller.callerRequest('INVITE', ok, {
      sequence: 2,
      headers: { ...route(ok).headers, 'Call-ID': 'another' },
    });
    await caller.next(481);
    caller.callerRequest('BYE', ok, {
      sequence: 2,
      headers: { Route: `<sip:${caller.server};lr>` },
    });
    await caller.next(481);
    expect(first.inbox).toEqual([]);
  });

  it('reaches a browser through its connection, registered or not', async () => {
    const browser = await world.harness.webSocketPeer();
    srf.register((req, res) => {
      res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } });
    });
    await routed(srf);
    browser.request('REGISTER', { headers: { Expires: '60' } });
    await browser.next(200);
    const target = browser.contact.slice(1, -1);
    await world.proxied([target], { remainInDialog: true });
    const copy = await browser.next('INVITE');
    expect(copy.uri).toBe(target);
    // Two, as each side speaks another transport (RFC 5658).
    const recorded = copy.all('Record-Route');
    expect(recorded).toHaveLength(2);
    expect(recorded[0]).toContain('transport=ws');
    browser.reply(copy, 200, { headers: { 'Record-Route': recorded } });
    const ok = await caller.next(200);
    const routes = { headers: { Route: [...ok.all('Record-Route')].reverse() } };
    caller.callerRequest('ACK', ok, { sequence: 1, ...routes });
    await browser.next('ACK');
    browser.calleeRequest('BYE', copy, { sequence: 1, headers: { Route: recorded } });
    caller.reply(await caller.next('BYE'), 200);
    await browser.next(200, 'BYE');
    await clock.advanceAsync(60_000);
  });

  it('works from a browser that never registered', async () => {
    const browser = await world.harness.webSocketPeer();
    await world.proxied([uriOf(first)], { remainInDialog: true }, browser);
    const copy = await first.next('INVITE');
    const recorded = copy.all('Record-Route');
    first.reply(copy, 200, { headers: { 'Record-Route': recorded } });
    await browser.next(200);
    first.calleeRequest('BYE', copy, { sequence: 1, headers: { Route: recorded } });
    const bye = await browser.next('BYE');
    expect(bye.get('Route')).toBeUndefined();
    browser.reply(bye, 200);
    await first.next(200, 'BYE');
  });
});

describe('a proxied registration', () => {
  it('carries Path, and its connection is remembered', async () => {
    srf.register((req) => {
      void srf.proxyRequest(req, uriOf(first), { path: true });
    });
    await routed(srf);
    const browser = await world.harness.webSocketPeer();
    browser.request('REGISTER', { headers: { Expires: '60' } });
    const copy = await first.next('REGISTER');
    expect(copy.get('Record-Route')).toBeUndefined();
    expect(copy.all('Path').join()).toContain(';lr;');
    expect(copy.require('Require')).toBe('path');
    first.reply(copy, 200, { headers: { Contact: `${browser.contact};expires=60` } });
    await browser.next(200);
    expect(world.harness.server.counts().bindings).toBe(1);
    await clock.advanceAsync(60_000);
  });
});
