import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  recordClient,
  transactionBench,
  type TransactionBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader, getHeaders } from '../message/headers.js';
import { topVia, viaBranch } from '../message/via.js';

const T1 = 500;
let bench: TransactionBench;

function start(options: Parameters<typeof transactionBench>[0] = {}): TransactionBench {
  bench = transactionBench(options);
  return bench;
}

afterEach(async () => {
  expect(await leftovers(bench)).toEqual([0, 0, 0]);
});

describe('CANCEL by the client', () => {
  it('waits for the first provisional response (RFC 3261 9.1) and copies what it must', async () => {
    let delay = 2_000;
    const { clock, link, a, bUser } = start({
      fate: ({ label }) => [label === '100 INVITE' ? delay : 0],
    });
    const { events, handlers } = recordClient();
    const sent = a.send(
      request('INVITE', { cseq: 77, extra: [{ name: 'Route', value: '<sip:p1;lr>' }] }),
      link.a,
      handlers,
    );
    sent.cancel([
      { name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' },
      { name: 'To', value: '<sip:other>' },
      { name: 'Contact', value: '<sip:me>' },
    ]);
    await clock.advanceAsync(1_900);
    expect(link.times('CANCEL')).toEqual([]);
    delay = 0;
    await clock.advanceAsync(200);
    expect(link.times('CANCEL')).toHaveLength(1);
    expect(events).toEqual(['487']);
    const cancel = link.sent.find((packet) => packet.label === 'CANCEL')!.message;
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'Route'])
      expect(getHeaders(cancel, name)).toEqual(getHeaders(sent.request, name));
    expect(getHeader(cancel, 'CSeq')).toBe('77 CANCEL');
    expect(getHeader(cancel, 'Reason')).toContain('elsewhere');
    expect(getHeaders(cancel, 'Contact')).toEqual([]);
    expect(bUser.events[0]).toBe('cancel');
    expect(viaBranch(topVia(cancel)!)).toBe(viaBranch(topVia(sent.request)!));
  });

  it('goes out at once after a provisional, only once, and not after a final', async () => {
    const { clock, link, a, bUser } = start();
    const { events, handlers } = recordClient();
    const sent = a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(0);
    sent.cancel([]);
    sent.cancel([]);
    await clock.advanceAsync(0);
    expect(link.trace()).toEqual([
      'a INVITE @0',
      'b 100 INVITE @0',
      'a CANCEL @0',
      'b 200 CANCEL @0',
      'b 487 INVITE @0',
      'a ACK @0',
    ]);
    expect(events).toEqual(['487']);
    expect(bUser.events).toEqual(['cancel']);
    const second = a.send(request('INVITE', { callId: 'c2' }), link.a, recordClient().handlers);
    await clock.advanceAsync(0);
    await bUser.answer(200);
    bUser.last.ackReceived();
    await clock.advanceAsync(0);
    second.cancel([]);
    await clock.advanceAsync(0);
    expect(link.times('CANCEL')).toHaveLength(1);
  });

  it('is never sent when the final response comes first', async () => {
    const { clock, link, a, bUser } = start({
      fate: ({ label }) => (label === '100 INVITE' ? [] : [0]),
    });
    bUser.onNew = (transaction) => {
      bUser.requests.push(transaction);
      void bUser.answer(404);
    };
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers).cancel([]);
    await clock.advanceAsync(1_000);
    expect(events).toEqual(['404']);
    expect(link.times('CANCEL')).toEqual([]);
  });

  it('gives up 64*T1 after the CANCEL when the peer never ends the INVITE', async () => {
    const { clock, link, a } = start({
      fate: ({ label }) => (/CANCEL|487/.test(label) ? [] : [0]),
    });
    const { events, handlers } = recordClient();
    const sent = a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(1_000);
    sent.cancel([]);
    await clock.advanceAsync(64 * T1);
    expect(events).toEqual(['timeout', 'terminated']);
    expect(link.times('CANCEL').slice(0, 4)).toEqual([1_000, 1_500, 2_500, 4_500]);
    await bench.bUser.answer(480);
  });
});
