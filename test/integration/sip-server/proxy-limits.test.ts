import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import { ProxyWorld, statuses, uriOf } from '../../support/proxy-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerHeaders, PeerMessage } from '../../support/sip-peer-message.js';
import { routed } from '../../support/sip-server-harness.js';
import type { SrfClient } from '../../support/srf-wire.js';

let world: ProxyWorld;
let clock: ManualClock;
let srf: SrfClient;
let caller: SipPeer;
let first: SipPeer;
let second: SipPeer;

beforeEach(async () => {
  clock = new ManualClock();
  world = await ProxyWorld.start(clock);
  ({ srf, caller, first, second } = world);
});
afterEach(() => world.harness.close());

describe('patience', () => {
  it('leaves a target without a sign of life for the next after provisionalTimeout', async () => {
    await world.proxied([uriOf(first), uriOf(second)], { provisionalTimeout: '300ms' });
    const copy = await first.next('INVITE');
    await clock.advanceAsync(300);
    const other = await second.next('INVITE');
    second.reply(other, 100);
    await clock.advanceAsync(400);
    // The CANCEL waits for a provisional response (RFC 3261 section 9.1).
    first.reply(copy, 100);
    first.reply(await first.next('CANCEL'), 200);
    first.reply(copy, 487);
    second.reply(other, 200);
    await caller.next(200);
  });

  it('leaves a target that rings too long for the next after finalTimeout', async () => {
    await world.proxied([uriOf(first), uriOf(second)], { finalTimeout: '5s' });
    const copy = await first.next('INVITE');
    first.reply(copy, 180);
    await caller.next(180);
    await clock.advanceAsync(5_000);
    await first.next('CANCEL');
    first.reply(copy, 487);
    second.reply(await second.next('INVITE'), 200);
    await caller.next(200);
  });

  it('ends after timer C, which each provisional response starts anew', async () => {
    await world.proxied([uriOf(first)]);
    const copy = await first.next('INVITE');
    first.reply(copy, 180);
    await caller.next(180);
    await clock.advanceAsync(180_000);
    first.reply(copy, 183);
    await caller.next(183);
    await clock.advanceAsync(180_000);
    expect(first.inbox.some(({ method }) => method === 'CANCEL')).toBe(false);
    await clock.advanceAsync(5_000);
    first.reply(await first.next('CANCEL'), 200);
    await caller.next(408);
  });

  it('counts a silent target as 408', async () => {
    const { results } = await world.proxied([uriOf(first)]);
    await first.next('INVITE');
    await clock.advanceAsync(32_000);
    await caller.next(408);
    expect(statuses(await results)).toEqual([408]);
  });
});

describe('a caller that gives up', () => {
  it('gets 200 and 487, and the target a CANCEL with the reason', async () => {
    const { invite } = await world.proxied([uriOf(first)]);
    const copy = await first.next('INVITE');
    first.reply(copy, 180);
    await caller.next(180);
    caller.sameBranch('CANCEL', invite);
    await caller.next(200, 'CANCEL');
    await caller.next(487, 'INVITE');
    const cancel = await first.next('CANCEL');
    first.reply(cancel, 200);
    first.reply(copy, 487);
    await first.next('ACK');
    expect(world.harness.server.counts().waiting).toBe(0);
  });
});

/** What the copies of one request have in common. */
const sameRequest = (request: PeerMessage): PeerHeaders => ({
  From: request.require('From'),
  'Call-ID': request.require('Call-ID'),
  CSeq: request.require('CSeq'),
});

describe('a request that comes back with another request-URI, a spiral', () => {
  it.each(['INVITE', 'MESSAGE'])('is proxied again: %s', async (method) => {
    const ways: Record<string, string> = { bob: uriOf(first), carol: uriOf(second) };
    srf[method === 'INVITE' ? 'invite' : 'message']((req) => {
      const user = /^sip:(\w+)@/.exec(req.uri)?.[1] ?? '';
      srf.proxyRequest(req, ways[user] ?? '').catch(() => undefined);
    });
    await routed(srf);
    caller.request(method, { uri: 'sip:bob@example.com' });
    const copy = await first.next(method);
    // A proxy that knows bob as carol.
    first.request(method, {
      uri: 'sip:carol@example.com',
      headers: {
        ...sameRequest(copy),
        Via: [first.via, ...copy.all('Via')],
        'Max-Forwards': '68',
      },
    });
    const again = await second.next(method);
    expect(again.uri).toBe('sip:carol@example.com');
    expect(again.all('Via')).toHaveLength(4);
    second.reply(again, 200);
    const answer = await first.next(200);
    first.reply(copy, 200, { headers: { Contact: answer.require('Contact') } });
    await caller.next(200);
  });
});

describe('what cannot be proxied', () => {
  it('has no hops left: 483, and the application hears of it', async () => {
    const outcome = new Promise((resolve) => {
      srf.options((req) => {
        srf.proxyRequest(req, uriOf(first)).catch(resolve);
      });
    });
    await routed(srf);
    caller.request('OPTIONS', { headers: { 'Max-Forwards': '0' } });
    await caller.next(483);
    expect(String(await outcome)).toContain('Rejected with 483 Too Many Hops');
  });

  it('requires of proxies what this one does not know: 420, with its name', async () => {
    const outcome = new Promise((resolve) => {
      srf.options((req) => {
        srf.proxyRequest(req, uriOf(first)).catch(resolve);
      });
    });
    await routed(srf);
    caller.request('OPTIONS', { headers: { 'Proxy-Require': 'sec-agree, x-unheard' } });
    const refusal = await caller.next(420);
    expect(refusal.require('Unsupported')).toBe('sec-agree, x-unheard');
    expect(String(await outcome)).toContain('Rejected with 420 Bad Extension');
  });

  it('loops: 482', async () => {
    srf.options((req) => {
      srf.proxyRequest(req, uriOf(first)).catch(() => undefined);
    });
    await routed(srf);
    caller.request('OPTIONS', { uri: 'sip:bob@example.com' });
    const copy = await first.next('OPTIONS');
    first.request('OPTIONS', {
      uri: copy.uri,
      headers: { Via: [first.via, ...copy.all('Via')], 'Max-Forwards': '68' },
    });
    await first.next(482);
    first.reply(copy, 482);
    await caller.next(482);
  });

  it('comes twice over different paths: 482 for the second copy, of any method', async () => {
    for (const method of ['INVITE', 'MESSAGE']) {
      srf[method === 'INVITE' ? 'invite' : 'message']((req) => {
        srf.proxyRequest(req, uriOf(second)).catch(() => undefined);
      });
      await routed(srf);
      const one = caller.request(method, { uri: 'sip:bob@example.com' });
      const copy = await second.next(method);
      first.request(method, { uri: one.uri, headers: sameRequest(one) });
      await first.next(482, method);
      second.reply(copy, 486);
      await caller.next(486, method);
    }
  });

  it('leads to the server itself: 500, and the application hears of it', async () => {
    const { results } = await world.proxied([`sip:x@${caller.server}`]);
    await caller.next(500);
    await expect(results).rejects.toContain('error proxying request to');
  });

  it('has no address: 500', async () => {
    await world.proxied(['sip:x@nobody.invalid']);
    await caller.next(500);
  });
});
