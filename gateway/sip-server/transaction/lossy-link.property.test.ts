import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import type { Fate } from '../../../test/support/sip/simulated-link.js';
import {
  leftovers,
  recordClient,
  transactionBench,
  type TransactionBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader, setHeader } from '../message/headers.js';
import { createResponse } from '../message/response.js';

/** What becomes of one packet: lost, or one to three copies, each late by up to 2.9 s, so they overtake each other. */
const fates = fc.infiniteStream(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: fc.array(fc.nat(2_900), { minLength: 1, maxLength: 3 }) },
  ),
);

function fateOf(stream: Iterator<readonly number[]>): Fate {
  return () => {
    const next = stream.next();
    return next.done === true ? [0] : next.value;
  };
}

/** b answers each INVITE with 180 and then `status`; its dialog layer takes ACKs. */
function answerCalls(bench: TransactionBench, status: number): void {
  const { bUser, clock, b, link } = bench;
  bUser.onNew = (transaction) => {
    const respond = (code: number): void => {
      if (!transaction.pending) return;
      transaction
        .respond(createResponse(transaction.request, { status: code, toTag: 'b1' }))
        .catch(() => undefined);
    };
    if (transaction.request.method === 'INVITE')
      clock.setTimer(() => {
        respond(180);
      }, 1_000);
    clock.setTimer(() => {
      respond(status);
    }, 2_500);
  };
  link.b.onMessage = (message, flow) => {
    b.handleMessage(message, flow);
    for (const transaction of bUser.requests) if (bUser.acks.length > 0) transaction.ackReceived();
  };
}

describe('two transaction layers over a network that loses, doubles and reorders', () => {
  it('bring each call through or to a timeout, once, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.constantFrom(200, 486), async (stream, status) => {
        const bench = transactionBench({ fate: fateOf(stream) });
        const { a, link, clock, bUser } = bench;
        answerCalls(bench, status);
        let ackedAlive = 0;
        bUser.onAckReceived = () => {
          if (!bUser.events.includes('terminated')) ackedAlive++;
        };
        const { events, handlers } = recordClient();
        a.send(request('INVITE'), link.a, {
          ...handlers,
          onResponse: (response, flow) => {
            handlers.onResponse(response, flow);
            if (response.status < 200 || response.status > 299) return;
            const ack = request('ACK');
            setHeader(ack, 'To', getHeader(response, 'to') ?? '');
            a.sendStateless(ack, link.a);
          },
        });
        await clock.advanceAsync(130_000);
        const finals = events.filter((event) => /^[2-6]/.test(event));
        expect(bUser.requests.length).toBeLessThanOrEqual(1);
        if (finals.length === 0) expect(events).toEqual(expect.arrayContaining(['timeout']));
        else expect(new Set(finals)).toEqual(new Set([String(status)]));
        if (status === 486) {
          expect(finals.length).toBeLessThanOrEqual(1);
          // An ACK that comes when the transaction is over belongs to nobody; before, it is the layer's own.
          expect(ackedAlive).toBe(0);
        }
        expect(events.filter((event) => event === 'terminated')).toHaveLength(1);
        expect(events.at(-1)).toBe('terminated');
        expect(bUser.events.filter((event) => event === 'terminated')).toHaveLength(
          bUser.requests.length,
        );
        expect(await leftovers(bench)).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('hand each other request up once and its final response up once', async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (stream) => {
        const bench = transactionBench({ fate: fateOf(stream) });
        const { a, link, clock, bUser } = bench;
        answerCalls(bench, 202);
        const { events, handlers } = recordClient();
        a.send(request('MESSAGE'), link.a, handlers);
        await clock.advanceAsync(100_000);
        expect(bUser.requests.length).toBeLessThanOrEqual(1);
        expect([
          ['202', 'terminated'],
          ['timeout', 'terminated'],
        ]).toContainEqual(events);
        expect(await leftovers(bench)).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('end a call that is cancelled at any moment with one final response', async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.nat(4_000), async (stream, cancelAt) => {
        const bench = transactionBench({ fate: fateOf(stream) });
        const { a, link, clock } = bench;
        answerCalls(bench, 486);
        const { events, handlers } = recordClient();
        const sent = a.send(request('INVITE'), link.a, handlers);
        clock.setTimer(() => {
          sent.cancel([]);
        }, cancelAt);
        await clock.advanceAsync(130_000);
        const ends = events.filter((event) => /^(?:486|487|timeout)$/.test(event));
        expect(ends).toHaveLength(1);
        expect(events.at(-1)).toBe('terminated');
        expect(await leftovers(bench)).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('always succeed when one packet in three is lost but the rest arrive in time', async () => {
    let count = 0;
    const bench = transactionBench({ fate: () => (count++ % 3 === 0 ? [] : [20]) });
    const { a, link, clock } = bench;
    answerCalls(bench, 486);
    const { events, handlers } = recordClient();
    a.send(request('INVITE'), link.a, handlers);
    await clock.advanceAsync(130_000);
    expect(events).toEqual(expect.arrayContaining(['486', 'terminated']));
    expect(events).not.toContain('timeout');
    expect(await leftovers(bench)).toEqual([0, 0, 0]);
  });
});
