import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  recordClient,
  serverBench,
  type ServerBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader, getHeaders } from '../message/headers.js';
import { createResponse } from '../message/response.js';
import type { SipRequest } from '../message/sip-message.js';

const T1 = 500;
const VIA = 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKs1';
let bench: ServerBench;

function start(options: Parameters<typeof serverBench>[0] = {}): ServerBench {
  bench = serverBench(options);
  return bench;
}

afterEach(async () => {
  expect(await leftovers(bench)).toEqual([0, 0, 0]);
});

const invite = (parts = {}): SipRequest => request('INVITE', { via: VIA, ...parts });
const ack = (parts = {}): SipRequest =>
  request('ACK', { via: VIA, to: '<sip:bob@example.com>;tag=b1', ...parts });

describe('matching', () => {
  it('tells apart by branch, sent-by and method', async () => {
    const { receive, bUser, b } = start();
    receive(request('INFO', { callId: 'c1', via: VIA }));
    receive(request('OPTIONS', { callId: 'c2', via: VIA }));
    receive(request('OPTIONS', { callId: 'c3', via: VIA.replace('5060', '5061') }));
    receive(request('OPTIONS', { callId: 'c4', via: VIA.replace('s1', 's2') }));
    receive(request('OPTIONS', { callId: 'c5', via: VIA.replace(':5060', '') }));
    expect(bUser.requests).toHaveLength(4);
    expect(b.size).toBe(4);
    for (const transaction of bUser.requests)
      await transaction.respond(createResponse(transaction.request, { status: 200 }));
  });

  it('knows RFC 2543 peers without a unique branch', async () => {
    const { receive, bUser, link } = start();
    const old = { via: 'SIP/2.0/UDP 192.0.2.1;branch=1' };
    receive(invite(old));
    receive(invite(old));
    expect(bUser.requests).toHaveLength(1);
    await bUser.answer(486);
    receive(ack(old));
    expect(bUser.acks).toHaveLength(0);
    receive(invite({ ...old, cseq: 2 }));
    expect(bUser.requests).toHaveLength(2);
    await bUser.answer(486);
    expect(link.times('486 INVITE')).toEqual([0, 0]);
  });

  it('does not take the bare cookie for a unique branch (RFC 4475 3.2.1)', async () => {
    const { receive, bUser } = start();
    const via = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK';
    receive(request('OPTIONS', { via, callId: 'one' }));
    receive(request('OPTIONS', { via, callId: 'two' }));
    receive(request('OPTIONS', { via, callId: 'two' }));
    expect(bUser.requests).toHaveLength(2);
    for (const transaction of bUser.requests)
      await transaction.respond(createResponse(transaction.request, { status: 200 }));
  });

  it('answers 482 to the same call over a second path while the first rings, or is answered', async () => {
    const { receive, bUser, link } = start();
    receive(invite());
    receive(invite({ via: VIA.replace('s1', 's2') }));
    expect(bUser.requests).toHaveLength(1);
    expect(link.trace()).toEqual(['b 100 INVITE @0', 'b 482 INVITE @0']);
    receive(ack({ via: VIA.replace('s1', 's2') }));
    await bUser.answer(401);
    receive(ack());
    receive(invite({ via: VIA.replace('s1', 's3') }));
    expect(bUser.requests).toHaveLength(2);
    await bUser.answer(200);
    receive(invite({ via: VIA.replace('s1', 's4') }));
    expect(bUser.requests).toHaveLength(2);
    expect(link.trace().at(-1)).toBe('b 482 INVITE @0');
  });

  it('answers 482 to the same MESSAGE over a second path while the first waits, or was taken', async () => {
    const { receive, bUser, link } = start();
    const message = (branch: string): SipRequest =>
      request('MESSAGE', { via: VIA.replace('s1', branch) });
    receive(message('s1'));
    receive(message('s2'));
    expect(bUser.requests).toHaveLength(1);
    expect(link.trace()).toEqual(['b 482 MESSAGE @0']);
    await bUser.answer(503);
    receive(message('s3'));
    expect(bUser.requests).toHaveLength(2);
    await bUser.answer(202);
    receive(message('s4'));
    expect(bUser.requests).toHaveLength(2);
    expect(link.trace().at(-1)).toBe('b 482 MESSAGE @0');
    receive(request('MESSAGE', { via: VIA.replace('s1', 's5'), cseq: 2 }));
    expect(bUser.requests).toHaveLength(3);
    await bUser.answer(202);
  });

  it.each(['INVITE', 'MESSAGE'])('does not take a spiral of %s for a copy', async (method) => {
    const { receive, bUser } = start();
    receive(request(method, { via: VIA }));
    receive(request(method, { via: `${VIA.replace('s1', 's2')}, ${VIA};received=192.0.2.1` }));
    expect(bUser.requests).toHaveLength(2);
    for (const transaction of bUser.requests)
      await transaction.respond(createResponse(transaction.request, { status: 404 }));
  });

  it('does not take a re-INVITE for a merged call', async () => {
    const { receive, bUser } = start();
    const to = '<sip:bob@example.com>;tag=b1';
    receive(invite({ to }));
    receive(invite({ to, via: VIA.replace('s1', 's2') }));
    expect(bUser.requests).toHaveLength(2);
    for (const { request: incoming, respond } of bUser.requests.map((transaction) => ({
      request: transaction.request,
      respond: transaction.respond.bind(transaction),
    })))
      await respond(createResponse(incoming, { status: 491 }));
  });

  it('holds no more than its limit and says 503 beyond, without state', async () => {
    const { receive, bUser, b, link } = start({ maxServerTransactions: 2 });
    for (let index = 0; index < 5; index++)
      receive(request('OPTIONS', { cseq: index + 1, via: VIA.replace('s1', `n${index}`) }));
    expect([bUser.requests.length, b.size]).toEqual([2, 2]);
    expect(link.times('503 OPTIONS')).toHaveLength(3);
    expect(getHeader(link.sent[0]!.message, 'retry-after')).toBe('5');
    for (const transaction of bUser.requests)
      await transaction.respond(createResponse(transaction.request, { status: 200 }));
  });

  it('hands responses of nobody to the user', () => {
    const { b, bUser, link } = start();
    b.handleMessage(createResponse(invite(), { status: 200 }), link.b);
    expect(bUser.strays).toHaveLength(1);
  });

  it('sends an ACK without a transaction', () => {
    const { b, link } = start();
    const sent = b.sendStateless(request('ACK'), link.b);
    expect(getHeaders(sent, 'via')).toHaveLength(1);
    expect(link.trace()).toEqual(['b ACK @0']);
    expect(b.size).toBe(0);
  });

  it('ends everything silently on close', async () => {
    const { b, bUser, link, receive, clock } = start();
    const { events, handlers } = recordClient();
    receive(invite());
    receive(request('OPTIONS', { via: VIA }));
    b.send(request('INVITE'), link.b, handlers);
    b.send(request('BYE'), link.b, handlers);
    const before = link.sent.length;
    b.close();
    expect([b.size, clock.pending]).toEqual([0, 0]);
    await clock.advanceAsync(64 * T1);
    expect([link.sent.length, events, bUser.events]).toEqual([before, [], []]);
    await expect(bUser.answer(200)).rejects.toThrow();
  });
});
