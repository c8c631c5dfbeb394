import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  recordClient,
  transactionBench,
  type TransactionBench,
} from '../../../test/support/sip/transaction-bench.js';
import { createResponse } from '../message/response.js';

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

describe('non-INVITE client transaction', () => {
  it('sends again at T1 doubling to T2 until timer F (17.1.2.2)', async () => {
    const { clock, link, a } = start({ fate: lost });
    const { events, handlers } = recordClient();
    a.send(request('OPTIONS'), link.a, handlers);
    await clock.advanceAsync(64 * T1);
    expect(link.times('OPTIONS')).toEqual([
      0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
    ]);
    expect(events).toEqual(['timeout', 'terminated']);
    expect([a.size, clock.pending]).toEqual([0, 0]);
  });

  it('sends at T2 after a provisional and passes the final once; timer K ends it', async () => {
    const { clock, link, a, bUser } = start({
      fate: ({ label }) => (label === '200 OPTIONS' ? [0, 0, 10] : [0]),
    });
    const { events, handlers } = recordClient();
    a.send(request('OPTIONS'), link.a, handlers);
    await clock.advanceAsync(12_000);
    // RFC 4320: the server's 100 comes at 3.5 s; from then on every T2.
    expect(link.times('100 OPTIONS')).toEqual([3500, 3500, 7500, 11500]);
    expect(link.times('OPTIONS')).toEqual([0, 500, 1500, 3500, 7500, 11500]);
    await bUser.answer(200);
    await clock.advanceAsync(4_999);
    expect(events).toEqual(['200']);
    await clock.advanceAsync(1);
    expect(events).toEqual(['200', 'terminated']);
  });

  it('sends every T2 from the first provisional on, however early that comes', async () => {
    const { clock, link, a, bUser } = start();
    const { events, handlers } = recordClient();
    const sent = a.send(request('OPTIONS'), link.a, handlers);
    await clock.advanceAsync(600);
    a.handleMessage(createResponse(sent.request, { status: 100 }), link.a);
    a.handleMessage(createResponse(sent.request, { status: 100 }), link.a);
    await clock.advanceAsync(8_400);
    expect(link.times('OPTIONS')).toEqual([0, 500, 4600, 8600]);
    expect(events).toEqual([]);
    await bUser.answer(200);
  });

  it('does neither over a reliable transport', async () => {
    const { clock, link, a, bUser } = start({ reliable: true });
    const { events, handlers } = recordClient();
    a.send(request('OPTIONS'), link.a, handlers);
    await clock.advanceAsync(20_000);
    expect(link.trace()).toEqual(['a OPTIONS @0']);
    await bUser.answer(200);
    await clock.advanceAsync(0);
    expect(events).toEqual(['200', 'terminated']);
    expect([a.size, bench.b.size, clock.pending]).toEqual([0, 0, 0]);
  });

  it('is not cancelled', async () => {
    const { clock, link, a } = start({ fate: lost });
    const sent = a.send(request('MESSAGE'), link.a, recordClient().handlers);
    sent.cancel([]);
    await clock.advanceAsync(100);
    expect(link.times('CANCEL')).toEqual([]);
  });
});
