import { afterEach, describe, expect, it } from 'vitest';
import { request } from '../../../test/support/sip/requests.js';
import {
  leftovers,
  serverBench,
  type ServerBench,
} from '../../../test/support/sip/transaction-bench.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipRequest } from '../message/sip-message.js';

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

describe('CANCEL at the server', () => {
  const cancel = (parts = {}): SipRequest => request('CANCEL', { via: VIA, ...parts });

  it('gets 200, then the user hears it, then the INVITE gets 487 with the same tag', async () => {
    const { receive, bUser, link, clock } = start();
    receive(invite());
    bUser.onCancel = () => {
      expect(link.trace().at(-1)).toBe('b 200 CANCEL @0');
    };
    receive(cancel());
    await clock.advanceAsync(0);
    expect(link.trace()).toEqual(['b 100 INVITE @0', 'b 200 CANCEL @0', 'b 487 INVITE @0']);
    expect(bUser.events).toEqual(['cancel']);
    const [, ok, terminated] = link.sent.map((packet) => tagOf(getHeader(packet.message, 'to')));
    expect(ok).toMatch(/^[0-9a-f]+$/);
    expect(terminated).toBe(ok);
    receive(cancel());
    expect(link.trace(/200 CANCEL/)).toHaveLength(2);
    expect(bUser.events).toEqual(['cancel']);
    receive(ack());
    await expect(bUser.answer(200)).rejects.toThrow('already has its final response');
  });

  it('uses the tag of the 180 that went before', async () => {
    const { receive, bUser, link } = start();
    receive(invite());
    await bUser.answer(180, 'ring');
    receive(cancel());
    const tags = link.sent.slice(1).map((packet) => tagOf(getHeader(packet.message, 'to')));
    expect(tags).toEqual(['ring', 'ring', 'ring']);
  });

  it('leaves the final response to a user that gives one at once', () => {
    const { receive, bUser, link } = start();
    receive(invite());
    bUser.onCancel = () => void bUser.answer(603);
    receive(cancel());
    expect(link.trace(/INVITE/)).toEqual(['b 100 INVITE @0', 'b 603 INVITE @0']);
  });

  it('comes too late after a 2xx: 200 to the CANCEL and nothing else', async () => {
    const { receive, bUser, link } = start();
    receive(invite());
    await bUser.answer(200);
    bUser.last.ackReceived();
    receive(cancel());
    expect(link.trace(/CANCEL|487/)).toEqual(['b 200 CANCEL @0']);
    expect(bUser.events).toEqual([]);
  });

  it('gets 481 when there is no INVITE', () => {
    const { receive, bUser, link } = start();
    receive(cancel());
    receive(cancel());
    receive(request('OPTIONS', { via: VIA.replace('s1', 'o') }));
    receive(cancel({ via: VIA.replace('s1', 'o') }));
    expect(link.trace(/481/)).toHaveLength(3);
    expect(bUser.requests).toHaveLength(1);
  });
});
