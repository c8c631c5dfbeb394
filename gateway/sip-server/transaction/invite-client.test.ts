import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  recordClient,
  transactionBench,
  type TransactionBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader, getHeaders } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';

const T1 = 500;
const lost = (): readonly number[] => [];
let bench: TransactionBench;

function start(options: Parameters<typeof transactionBench>[0] = {}): TransactionBench {
  bench = transactionBench(options);
  return bench;
}

afterEach(async () => {
  expect(await leftovers(bench)).toEqual([0, 0, 0]);
});

describe('INVITE client transaction', () => {
  it('sends again at T1, doubling, until timer B gives up (RFC 3261 17.1.1.2)', async () => {
    const { clock, link, a } = start({ fate: lost });
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(64 * T1 - 1);
    expect(link.times('INVITE')).toEqual([0, 500, 1500, 3500, 7500, 15500, 31500]);
    expect(events).toEqual([]);
    await clock.advanceAsync(1);
    expect(events).toEqual(['timeout', 'terminated']);
    expect([a.size, clock.pending]).toEqual([0, 0]);
  });

  it('does not send again over a reliable transport, but gives up the same', async () => {
    const { clock, link, a } = start({ fate: lost, reliable: true });
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(64 * T1);
    expect(link.times('INVITE')).toEqual([0]);
    expect(events).toEqual(['timeout', 'terminated']);
  });

  it('stops at the first provisional response and waits for as long as it takes', async () => {
    const { clock, link, a, bUser } = start();
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(10 * 60_000);
    expect(link.trace()).toEqual(['a INVITE @0', 'b 100 INVITE @0']);
    expect(events).toEqual([]);
    await bUser.answer(180);
    await clock.advanceAsync(0);
    expect(events).toEqual(['180']);
    await bUser.answer(486);
  });

  it('puts our Via on top, with rport on UDP and without on WebSocket', async () => {
    const udp = start();
    const first = udp.a.send(request('INVITE'), udp.link.a, recordClient().handlers);
    expect(getHeader(first.request, 'via')).toMatch(
      /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;rport;branch=z9hG4bK[0-9a-f]{20}$/,
    );
    await udp.clock.advanceAsync(0);
    await udp.bUser.answer(486);
    const ws = transactionBench({ reliable: true });
    const second = ws.a.send(request('OPTIONS'), ws.link.a, recordClient().handlers);
    expect(getHeader(second.request, 'via')).toMatch(/^SIP\/2\.0\/WS 192\.0\.2\.1:5060;branch=/);
    ws.a.close();
    expect(ws.a.size).toBe(0);
  });

  it('acknowledges a refusal itself, again for each copy, until timer D (17.1.1.3)', async () => {
    const { clock, link, a, bUser } = start({
      fate: ({ label }) => (label === 'ACK' ? [] : [0]),
    });
    const { events, handlers } = recordClient();
    const route = { name: 'Route', value: '<sip:p1;lr>, <sip:p2;lr>' };
    const sent = a.send(request('INVITE', { extra: [route] }), link.a, handlers);
    await clock.advanceAsync(0);
    await bUser.answer(486, 'refused');
    await clock.advanceAsync(31_000);
    expect(events).toEqual(['486']);
    expect(link.times('ACK')).toEqual(link.times('486 INVITE'));
    expect(link.times('ACK').length).toBeGreaterThan(5);
    const ack = link.sent.find((packet) => packet.label === 'ACK')!.message;
    expect(ack).toMatchObject({ method: 'ACK', uri: 'sip:bob@example.com' });
    expect(getHeaders(ack, 'via')).toEqual(getHeaders(sent.request, 'via'));
    expect(tagOf(getHeader(ack, 'to'))).toBe('refused');
    expect(getHeader(ack, 'cseq')).toBe('1 ACK');
    expect(getHeaders(ack, 'route')).toEqual([route.value]);
    expect(ack.body).toHaveLength(0);
    await clock.advanceAsync(1_000);
    expect(events).toEqual(['486', 'terminated']);
  });

  it('ends at once after the ACK over a reliable transport', async () => {
    const { clock, link, a, bUser } = start({ reliable: true });
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(0);
    await bUser.answer(603);
    await clock.advanceAsync(0);
    expect(events).toEqual(['603', 'terminated']);
    expect(link.trace(/ACK|603/)).toEqual(['b 603 INVITE @0', 'a ACK @0']);
    expect(bench.b.size).toBe(0);
  });

  it('passes each 2xx to the user until timer M, later ones are stray (RFC 6026)', async () => {
    const { clock, link, a, aUser, bUser } = start();
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(0);
    await bUser.answer(200);
    await clock.advanceAsync(3_500);
    expect(events).toEqual(['200', '200', '200', '200']);
    const ok = link.sent.find((packet) => packet.label === '200 INVITE')!.message;
    bUser.last.ackReceived();
    await clock.advanceAsync(64 * T1 - 3_500);
    expect(events.at(-1)).toBe('terminated');
    a.handleMessage(ok, link.a);
    expect(aUser.strays).toHaveLength(1);
    expect(link.times('ACK')).toEqual([]);
  });

  it('ignores a refusal after a 2xx and a late provisional', async () => {
    const { clock, link, a, bUser } = start();
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(0);
    await bUser.answer(183);
    await clock.advanceAsync(0);
    await bUser.answer(200);
    bUser.last.ackReceived();
    await clock.advanceAsync(0);
    const ringing = link.sent.find((packet) => packet.label === '183 INVITE')!.message;
    a.handleMessage(ringing, link.a);
    if (ringing.kind === 'response') a.handleMessage({ ...ringing, status: 500 }, link.a);
    expect(events).toEqual(['183', '200']);
  });

  it('reports a transport error once and ends', async () => {
    const { clock, link, a } = start();
    link.failure = new Error('network unreachable');
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(0);
    expect(events).toEqual(['error network unreachable', 'terminated']);
    expect(a.size).toBe(0);
  });

  it('ends with its connection', async () => {
    const { clock, link, a } = start({ reliable: true });
    const invite = recordClient();
    const info = recordClient();
    a.send(request('INVITE'), link.a, invite.handlers);
    a.send(request('INFO'), link.a, info.handlers);
    await clock.advanceAsync(0);
    link.a.closing.abort(new Error('The browser closed the WebSocket.'));
    link.b.closing.abort(new Error('The browser closed the WebSocket.'));
    const expected = ['error The browser closed the WebSocket.', 'terminated'];
    expect([invite.events, info.events]).toEqual([expected, expected]);
    expect([a.size, bench.b.size]).toEqual([0, 0]);
    expect(bench.bUser.events).toEqual([...expected, ...expected]);
  });

  it('survives handlers that throw', async () => {
    const { clock, link, a, bUser } = start();
    const boom = (): never => {
      throw new Error('bug above');
    };
    a.send(request('INVITE'), link.a, {
      onResponse: boom,
      onTimeout: boom,
      onTransportError: boom,
      onTerminated: boom,
    });
    await clock.advanceAsync(0);
    await bUser.answer(180);
    await bUser.answer(404);
    await clock.advanceAsync(64 * T1);
    expect(a.size).toBe(0);
  });

  it('refuses to send what cannot be written', () => {
    const { link, a, clock } = start();
    const bad = request('INVITE', { extra: [{ name: 'X', value: 'a\r\nb: c' }] });
    expect(() => a.send(bad, link.a, recordClient().handlers)).toThrow('line break');
    expect(() => a.send(request('CANCEL'), link.a, recordClient().handlers)).toThrow('CANCEL');
    expect([a.size, clock.pending]).toEqual([0, 0]);
  });
});
