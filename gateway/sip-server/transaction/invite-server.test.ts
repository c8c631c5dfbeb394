import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  serverBench,
  type ServerBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
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

describe('INVITE server transaction', () => {
  it('says 100 at once, without a tag and with the Timestamp', async () => {
    const { link, receive, bUser } = start();
    receive(invite({ extra: [{ name: 'Timestamp', value: '54' }] }));
    expect(link.trace()).toEqual(['b 100 INVITE @0']);
    const trying = link.sent[0]!.message;
    expect(getHeader(trying, 'timestamp')).toBe('54');
    expect(tagOf(getHeader(trying, 'to'))).toBeUndefined();
    expect(bUser.requests).toHaveLength(1);
    await bUser.answer(500);
  });

  it('answers a copy of the INVITE with the last provisional, once each', async () => {
    const { link, receive, bUser, clock } = start();
    receive(invite());
    receive(invite());
    await bUser.answer(180);
    receive(invite());
    await clock.advanceAsync(60_000);
    expect(link.trace().map((line) => line.split(' @')[0])).toEqual([
      'b 100 INVITE',
      'b 100 INVITE',
      'b 180 INVITE',
      'b 180 INVITE',
    ]);
    expect(bUser.requests).toHaveLength(1);
    await bUser.answer(486);
  });

  it('sends a refusal again with timer G until timer H (17.2.1)', async () => {
    const { link, receive, bUser, clock } = start();
    receive(invite());
    const bytes = await bUser.answer(486);
    expect(bytes.toString()).toMatch(/^SIP\/2\.0 486 Busy Here\r\n/);
    await clock.advanceAsync(64 * T1 - 1);
    expect(link.times('486 INVITE')).toEqual([
      0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
    ]);
    expect(bUser.events).toEqual([]);
    await clock.advanceAsync(1);
    expect(bUser.events).toEqual(['terminated']);
  });

  it('stops at the ACK, absorbs further ones, ends with timer I', async () => {
    const { link, receive, bUser, clock } = start();
    receive(invite());
    await bUser.answer(486);
    await clock.advanceAsync(600);
    receive(ack());
    receive(ack());
    receive(invite());
    await clock.advanceAsync(4_999);
    expect(link.times('486 INVITE')).toEqual([0, 500]);
    expect([bUser.acks.length, bUser.events.length]).toEqual([0, 0]);
    await clock.advanceAsync(1);
    expect(bUser.events).toEqual(['terminated']);
    receive(ack());
    expect(bUser.acks).toHaveLength(1);
  });

  it('sends a 2xx again from T1 to T2 until ackReceived, also over a reliable transport', async () => {
    for (const reliable of [false, true]) {
      const { link, receive, bUser, clock } = start({ reliable });
      receive(invite());
      await bUser.answer(200);
      await clock.advanceAsync(8_000);
      receive(invite());
      expect(link.times('200 INVITE')).toEqual([0, 500, 1500, 3500, 7500]);
      const { last } = bUser;
      expect(last.pending).toBe(false);
      receive(ack({ via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother' }));
      expect(bUser.acks).toHaveLength(1);
      last.ackReceived();
      await clock.advanceAsync(64 * T1);
      expect(link.times('200 INVITE')).toHaveLength(5);
      expect(bUser.events).toEqual(['terminated']);
      expect(clock.pending).toBe(0);
    }
  });

  it('tells when no ACK of the 2xx came within 64*T1 (13.3.1.4)', async () => {
    const { receive, bUser, clock, link } = start();
    receive(invite());
    await bUser.answer(200);
    await clock.advanceAsync(64 * T1 - 1);
    expect(bUser.events).toEqual([]);
    await clock.advanceAsync(1);
    expect(bUser.events).toEqual(['ack-timeout', 'terminated']);
    expect(link.times('200 INVITE')).toHaveLength(11);
  });

  it('passes on an ACK of a 2xx that wrongly has the branch of the INVITE', async () => {
    const { receive, bUser } = start();
    receive(invite());
    await bUser.answer(200);
    receive(ack());
    expect(bUser.acks).toHaveLength(1);
    bUser.last.ackReceived();
  });

  it('takes one final response only', async () => {
    const { receive, bUser, link } = start();
    receive(invite());
    await bUser.answer(200);
    bUser.last.ackReceived();
    await expect(bUser.answer(200)).rejects.toThrow('already has its final response');
    await expect(bUser.answer(486)).rejects.toThrow('already has its final response');
    await expect(bUser.answer(180)).rejects.toThrow('already has its final response');
    expect(link.times('486 INVITE')).toEqual([]);
  });

  it('refuses to send what cannot be written and stays usable', async () => {
    const { receive, bUser } = start();
    receive(invite());
    const bad = createResponse(bUser.last.request, { status: 200, reason: 'OK\r\nX: y' });
    await expect(bUser.last.respond(bad)).rejects.toThrow('line break');
    expect(bUser.last.pending).toBe(true);
    await bUser.answer(480);
  });

  it('reports a response that could not be sent', async () => {
    const { receive, bUser, link, b } = start();
    receive(invite());
    link.failure = new Error('no route');
    await expect(bUser.answer(180)).rejects.toThrow('no route');
    expect(bUser.events).toEqual(['error no route', 'terminated']);
    expect(b.size).toBe(0);
  });

  it('answers 500 when the user throws at the request', async () => {
    const { receive, bUser, link, clock } = start();
    bUser.onNew = () => {
      throw new Error('bug above');
    };
    receive(invite());
    await clock.advanceAsync(0);
    expect(link.trace()).toEqual(['b 100 INVITE @0', 'b 500 INVITE @0']);
  });
});
