import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  serverBench,
  type ServerBench,
} from '../../../test/support/sip/transaction-bench.js';
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

describe('non-INVITE server transaction', () => {
  const options = (): SipRequest => request('OPTIONS', { via: VIA });

  it('hides copies from the user and answers them with the final, until timer J', async () => {
    const { receive, bUser, link, clock } = start();
    receive(options());
    receive(options());
    expect(link.trace()).toEqual([]);
    await bUser.answer(200);
    receive(options());
    receive(options());
    expect(link.times('200 OPTIONS')).toEqual([0, 0, 0]);
    expect(bUser.requests).toHaveLength(1);
    await clock.advanceAsync(64 * T1 - 1);
    expect(bUser.events).toEqual([]);
    await clock.advanceAsync(1);
    expect(bUser.events).toEqual(['terminated']);
  });

  it('keeps to RFC 4320: no 1xx but its own late 100, no 408, nothing when too late', async () => {
    const { receive, bUser, link, clock } = start();
    receive(options());
    await expect(bUser.answer(183)).rejects.toThrow('RFC 4320');
    expect(await bUser.answer(100)).toHaveLength(0);
    await clock.advanceAsync(3_499);
    expect(link.trace()).toEqual([]);
    await clock.advanceAsync(1);
    expect(link.trace()).toEqual(['b 100 OPTIONS @3500']);
    receive(options());
    expect(link.times('100 OPTIONS')).toHaveLength(2);
    await clock.advanceAsync(64 * T1);
    expect(bUser.events).toEqual(['terminated']);
    await expect(bUser.answer(200)).rejects.toThrow('too late');

    receive(options());
    expect(await bUser.answer(408)).toHaveLength(0);
    receive(options());
    expect(link.trace(/408/)).toEqual([]);
    expect(bUser.requests).toHaveLength(2);
  });

  it('reports a response that could not be sent', async () => {
    const { receive, bUser, link, b } = start();
    receive(options());
    link.failure = new Error('no route');
    await expect(bUser.answer(200)).rejects.toThrow('no route');
    expect(bUser.events).toEqual(['error no route', 'terminated']);
    expect(b.size).toBe(0);
  });
});
