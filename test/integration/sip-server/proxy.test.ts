import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import { ProxyWorld, statuses, uriOf } from '../../support/proxy-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { routed, SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
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

describe('a proxied call', () => {
  it('goes to its target with one hop less, and its answers come back', async () => {
    const { invite, results } = await world.proxied([uriOf(first)], {
      headers: { 'X-Added': 'yes' },
    });
    const copy = await first.next('INVITE');
    expect(copy.uri).toBe(uriOf(first));
    expect(copy.require('Max-Forwards')).toBe('69');
    expect(copy.require('X-Added')).toBe('yes');
    expect(copy.body).toBe(SDP);
    expect(copy.all('Via')).toHaveLength(2);
    expect(copy.get('Record-Route')).toBeUndefined();
    for (const name of ['From', 'To', 'Call-ID', 'CSeq', 'Contact'])
      expect(copy.require(name)).toBe(invite.require(name));
    first.reply(copy, 100);
    first.reply(copy, 180);
    expect((await caller.next(180)).all('Via')).toHaveLength(1);
    first.reply(copy, 200, { body: SDP_ANSWER });
    const ok = await caller.next(200);
    expect(ok.body).toBe(SDP_ANSWER);
    expect(ok.address('Contact')).toBe(first.contact.slice(1, -1));
    const { connected, responses } = await results;
    expect(connected).toBe(true);
    expect(`${responses[0]?.address}:${responses[0]?.port}`).toBe(first.sentBy);
    expect(world.harness.server.counts()).toMatchObject({ waiting: 0, dialogs: 0 });
  });

  it('passes on each copy of the 2xx and makes none itself', async () => {
    await world.proxied([uriOf(first)]);
    const copy = await first.next('INVITE');
    first.reply(copy, 200);
    await caller.next(200);
    first.reply(copy, 200);
    await caller.next(200);
    await clock.advanceAsync(5_000);
    expect(caller.inbox.filter(({ status }) => status === 200)).toEqual([]);
  });

  it('keeps a request-URI that is not the server’s own', async () => {
    srf.options((req) => {
      void srf.proxyRequest(req, uriOf(first));
    });
    await routed(srf);
    caller.request('OPTIONS', { uri: 'sip:bob@example.com' });
    const copy = await first.next('OPTIONS');
    expect(copy.uri).toBe('sip:bob@example.com');
    first.reply(copy, 200);
    await caller.next(200);
  });

  it('tries targets in order until one accepts', async () => {
    const { results } = await world.proxied([uriOf(first), uriOf(second)]);
    const copy = await first.next('INVITE');
    first.reply(copy, 486);
    const ack = await first.next('ACK');
    // The ACK of a refusal belongs to the INVITE, not to the Contact of the response.
    expect(ack.uri).toBe(copy.uri);
    second.reply(await second.next('INVITE'), 200);
    await caller.next(200);
    expect(statuses(await results)).toEqual([486, 200]);
    expect(caller.inbox.some(({ status }) => status === 486)).toBe(false);
  });

  it('rings all targets at once when asked to, and cancels the losers', async () => {
    const { results } = await world.proxied([uriOf(first), uriOf(second)], {
      forking: 'simultaneous',
    });
    const [one, two] = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    first.reply(one, 180, { tag: 'one' });
    second.reply(two, 180, { tag: 'two' });
    await caller.next(180);
    await caller.next(180);
    second.reply(two, 200, { tag: 'two' });
    expect((await caller.next(200)).tag('To')).toBe('two');
    const cancel = await first.next('CANCEL');
    expect(cancel.require('Via')).toBe(one.require('Via'));
    expect(cancel.require('Reason')).toContain('Call completed elsewhere');
    first.reply(cancel, 200);
    first.reply(one, 487, { tag: 'one' });
    await first.next('ACK');
    expect(statuses(await results).sort()).toEqual([200, 487]);
  });

  it('passes on the 2xx of a target that answered in spite of the CANCEL', async () => {
    await world.proxied([uriOf(first), uriOf(second)], { forking: 'simultaneous' });
    const [one, two] = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    first.reply(one, 180, { tag: 'one' });
    await caller.next(180);
    second.reply(two, 200, { tag: 'two' });
    await caller.next(200);
    await first.next('CANCEL');
    first.reply(one, 200, { tag: 'one' });
    // The caller must acknowledge it and hang up (RFC 3261 section 13.2.2.4).
    expect((await caller.next(200)).tag('To')).toBe('one');
  });

  it.each([
    [[404, 486], 404],
    [[486, 407], 407],
    [[500, 404], 404],
    [[404, 603], 603],
    [[503, 503], 500],
    [[302, 404], 302],
  ])('answers %j with the best, %i', async (answers, best) => {
    await world.proxied([uriOf(first), uriOf(second)], { forking: 'simultaneous' });
    const copies = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    first.reply(copies[0], answers[0] ?? 0);
    await first.next('ACK');
    second.reply(copies[1], answers[1] ?? 0);
    await caller.nextThat(({ status }) => status === best);
  });

  it('collects the challenges of all targets for the caller', async () => {
    await world.proxied([uriOf(first), uriOf(second)], { forking: 'simultaneous' });
    const copies = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    const challenge = (realm: string): object => ({
      headers: { 'Proxy-Authenticate': `Digest realm="${realm}", nonce="n-${realm}"` },
    });
    first.reply(copies[0], 407, challenge('a'));
    await first.next('ACK');
    second.reply(copies[1], 407, challenge('b'));
    const answer = await caller.next(407);
    expect(answer.all('Proxy-Authenticate')).toHaveLength(2);
    await clock.advanceAsync(2_000);
  });

  it('ends a serial search with a challenge, and takes the answer to who asked', async () => {
    await world.proxied([uriOf(first), uriOf(second)]);
    first.reply(await first.next('INVITE'), 404);
    await first.next('ACK');
    second.reply(await second.next('INVITE'), 401, {
      headers: { 'WWW-Authenticate': 'Digest realm="r", nonce="abc"' },
    });
    await caller.next(401);
    caller.request('INVITE', {
      headers: { Authorization: 'Digest username="u", realm="r", nonce="abc", response="0"' },
    });
    second.reply(await second.next('INVITE'), 200);
    await caller.next(200);
    expect(first.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
    await clock.advanceAsync(2_000);
  });

  it('follows a redirection only when asked to', async () => {
    await world.proxied([uriOf(first)], { followRedirects: true });
    first.reply(await first.next('INVITE'), 302, {
      headers: { Contact: `<sip:moved@${second.sentBy}>;q=0.5, <tel:+1>;q=1` },
    });
    const copy = await second.next('INVITE');
    expect(copy.uri).toBe(`sip:moved@${second.sentBy}`);
    second.reply(copy, 200);
    await caller.next(200);
    expect(caller.inbox.some(({ status }) => status === 302)).toBe(false);
  });
});
