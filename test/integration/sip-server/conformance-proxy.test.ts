import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import type { WireApplication } from '../../support/wire-application.js';

let world: ConformanceWorld;
let app: WireApplication;
let caller: SipPeer;
let first: SipPeer;
let second: SipPeer;

beforeEach(async () => {
  world = await ConformanceWorld.start();
  app = await world.app();
  caller = await world.peer();
  first = await world.peer();
  second = await world.peer();
});
afterEach(() => world.close());

const uriOf = (peer: SipPeer): string => `sip:bob@${peer.sentBy};transport=udp`;

/** The flags of a proxy command up to its targets. */
interface Order {
  remain?: boolean;
  full?: boolean;
  follow?: boolean;
  simultaneous?: boolean;
  provisional?: string;
  headers?: string;
}

/** The caller's request is proxied to these peers; the id finds the answers. */
async function proxied(
  targets: SipPeer[],
  order: Order = {},
  headers: Record<string, string> = {},
): Promise<{ invite: PeerMessage; id: string }> {
  await app.command('route|invite');
  const invite = caller.request('INVITE', { body: SDP, headers });
  const frame = await app.event('INVITE sip:');
  const { remain, full = true, follow, simultaneous, provisional = '' } = order;
  const flags = [
    remain === true ? 'remainInDialog' : '',
    full ? 'fullResponse' : '',
    follow === true ? 'followRedirects' : '',
    simultaneous === true ? 'simultaneous' : 'serial',
    provisional,
    '',
  ];
  const uris = targets.map(uriOf);
  const line = `INVITE ${uris[0] ?? 'sip:x'} SIP/2.0`;
  const meta = ['proxy', frame[8], ...flags, ...uris].join('|');
  const id = app.send(`${meta}\r\n${line}\r\n${order.headers ?? ''}\r\n`);
  return { invite, id };
}

/** The statuses of the answers to a proxy command until the one that says that it is over. */
async function told(id: string): Promise<string[]> {
  const statuses: string[] = [];
  for (;;) {
    const { tokens, sip } = await app.answerOf(id);
    if (tokens[1] === 'done') return statuses;
    expect([tokens[0], tokens[1], tokens.at(-1)]).toEqual(['OK', 'network', 'continue']);
    statuses.push(sip.split(' ')[1] ?? '');
  }
}

describe('proxy', () => {
  it('tells each final response, then that it is done', async () => {
    const { id } = await proxied([first, second], { headers: 'X-Added: yes\r\n' });
    const copy = await first.next('INVITE');
    expect(copy.require('X-Added')).toBe('yes');
    expect(copy.require('Max-Forwards')).toBe('69');
    expect(copy.all('Via').join(',').split(',')).toHaveLength(2);
    expect(copy.get('Record-Route')).toBeUndefined();
    first.reply(copy, 486);
    await first.next('ACK');
    second.reply(await second.next('INVITE'), 200, { body: SDP_ANSWER });
    await caller.next(200);
    expect(await told(id)).toEqual(['486', '200']);
  });

  it('without fullResponse says once that it is done', async () => {
    const { id } = await proxied([first], { full: false });
    const copy = await first.next('INVITE');
    expect((await app.answerOf(id)).tokens).toEqual(['OK', 'done']);
    first.reply(copy, 404);
    await caller.next(404);
  });

  it('rings all at once, and cancels those that lose', async () => {
    const { id } = await proxied([first, second], { simultaneous: true });
    const [one, two] = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    first.reply(one, 180);
    second.reply(two, 180);
    await caller.next(180);
    second.reply(two, 200, { body: SDP_ANSWER });
    await caller.next(200);
    first.reply(await first.next('CANCEL'), 200);
    first.reply(one, 487);
    await first.next('ACK');
    expect((await told(id)).sort()).toEqual(outcome('losers-of-a-fork').split(' '));
  });

  it('passes a CANCEL of the caller on', async () => {
    const { invite } = await proxied([first]);
    const copy = await first.next('INVITE');
    first.reply(copy, 180);
    await caller.next(180);
    caller.sameBranch('CANCEL', invite);
    await caller.next(200, 'CANCEL');
    first.reply(await first.next('CANCEL'), 200);
    first.reply(copy, 487);
    await caller.next(487, 'INVITE');
  });

  it('follows a redirection when told to', async () => {
    await proxied([first], { follow: true });
    const Contact = `<sip:moved@${second.sentBy};transport=udp>`;
    first.reply(await first.next('INVITE'), 302, { headers: { Contact } });
    const copy = await second.next('INVITE');
    expect(copy.uri).toContain('sip:moved@');
    second.reply(copy, 200, { body: SDP_ANSWER });
    await caller.next(200);
  });

  it.each([
    ['404', '486', outcome('best-of-equals')],
    ['404', '603', '603'],
    ['486', '407', '407'],
    ['500', '404', '404'],
  ])('chooses the best of %s and %s', async (one, other, best) => {
    await proxied([first, second], { simultaneous: true });
    const copies = await Promise.all([first.next('INVITE'), second.next('INVITE')]);
    first.reply(copies[0], Number(one));
    await first.next('ACK');
    second.reply(copies[1], Number(other));
    const answer = await caller.nextThat(({ status }) => (status ?? 0) >= 300);
    expect(String(answer.status)).toBe(best);
  });

  it('passes on a 503', async () => {
    await proxied([first]);
    first.reply(await first.next('INVITE'), 503);
    const answer = await caller.nextThat(({ status }) => (status ?? 0) >= 500);
    expect(String(answer.status)).toBe(outcome('collected-503'));
  });

  it('refuses a request that has come too far', async () => {
    const { id } = await proxied([first], {}, { 'Max-Forwards': '0' });
    await caller.next(483);
    const { tokens } = await app.answerOf(id);
    expect(tokens[0]).toBe('NOK');
    expect(tokens[1]).toContain('483');
  });

  it('stays in the path, without a word to the application', async () => {
    const { id } = await proxied([first], { remain: true });
    const copy = await first.next('INVITE');
    const Route = copy.require('Record-Route');
    first.reply(copy, 200, { body: SDP_ANSWER, headers: { 'Record-Route': Route } });
    const ok = await caller.next(200);
    expect(await told(id)).toEqual(['200']);
    const before = app.client.history.length;
    caller.callerRequest('ACK', ok, { sequence: 1, headers: { Route } });
    await first.next('ACK');
    caller.callerRequest('INFO', ok, { sequence: 2, headers: { Route } });
    const info = await first.next('INFO');
    expect(info.get('Route')).toBeUndefined();
    first.reply(info, 200);
    await caller.next(200, 'INFO');
    first.calleeRequest('BYE', copy, { sequence: 9, headers: { Route } });
    caller.reply(await caller.next('BYE'), 200);
    await first.next(200, 'BYE');
    expect(app.client.history).toHaveLength(before);
  });

  it('carries other requests, too', async () => {
    await app.command('route|message');
    caller.request('MESSAGE', { body: 'hi', headers: { 'Content-Type': 'text/plain' } });
    const frame = await app.event('MESSAGE sip:');
    const line = `MESSAGE ${uriOf(first)} SIP/2.0`;
    const id = app.send(
      `proxy|${frame[8] ?? ''}||fullResponse||serial|||${uriOf(first)}\r\n${line}\r\n\r\n`,
    );
    const copy = await first.next('MESSAGE');
    expect(copy.body).toBe('hi');
    first.reply(copy, 202);
    await caller.next(202);
    expect(await told(id)).toEqual(['202']);
  });

  it('leaves the number of a reliable response alone', async () => {
    await proxied([first], { remain: true }, { Supported: '100rel' });
    const copy = await first.next('INVITE');
    first.reply(copy, 183, { body: SDP_ANSWER, headers: { Require: '100rel', RSeq: '4711' } });
    const RSeq = (await caller.next(183)).require('RSeq');
    expect(RSeq === '4711' ? 'kept' : 'rewritten').toBe(outcome('rseq-of-the-proxy'));
    first.reply(copy, 486);
    await caller.next(486);
  });
});
