import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import { ConnectionCache } from './connection-cache.js';

const clock = new ManualClock();
const cache = new ConnectionCache(clock);
afterEach(() => {
  cache.close();
  expect(clock.pending).toBe(0);
});

const connection = (id: string, reliable = true, closed = new AbortController().signal): Flow => ({
  id,
  protocol: reliable ? 'ws' : 'udp',
  local: { host: 'x', port: 1 },
  advertised: { host: 'x', port: 1 },
  remote: { host: 'y', port: 2 },
  reliable,
  closed,
  send: () => Promise.resolve(),
});

type Rows = Record<string, string>;
const rows = (headers: Rows): SipHeader[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));
const request = (headers: Record<string, string>, method = 'REGISTER'): SipRequest => ({
  kind: 'request',
  method,
  uri: 'sip:x',
  headers: rows(headers),
  body: Buffer.alloc(0),
});
const response = (headers: Record<string, string>): SipResponse => ({
  kind: 'response',
  status: 200,
  reason: 'OK',
  headers: rows(headers),
  body: Buffer.alloc(0),
});

const CONTACT = '<sip:ann@a1.invalid;transport=ws>';
const URI = 'sip:ann@A1.invalid';

describe('ConnectionCache', () => {
  it('remembers a contact for as long as the registrar says, and not longer', () => {
    const flow = connection('1');
    cache.onAccepted(
      request({ Contact: CONTACT }),
      response({ Contact: `${CONTACT};expires=60` }),
      flow,
    );
    expect(cache.find(URI)).toBe(flow);
    expect(cache.find('sip:bob@a1.invalid')).toBeUndefined();
    clock.advance(59_999);
    expect(cache.find(URI)).toBe(flow);
    clock.advance(1);
    expect(cache.find(URI)).toBeUndefined();
  });

  it('moves a contact to the connection that registers it anew', () => {
    const answer = response({ Expires: '60' });
    cache.onAccepted(request({ Contact: CONTACT }), answer, connection('1'));
    clock.advance(30_000);
    const second = connection('2');
    cache.onAccepted(request({ Contact: CONTACT }), answer, second);
    clock.advance(59_000);
    expect(cache.find(URI)).toBe(second);
    expect(cache.size).toBe(1);
  });

  it('knows a contact whose connection closed for a minute more, not until it expires', () => {
    const socket = new AbortController();
    const flow = connection('1', true, socket.signal);
    const answer = response({ Expires: '3600' });
    cache.onAccepted(request({ Contact: CONTACT }), answer, flow);
    cache.onAccepted(request({ Contact: '<sip:ann@a2.invalid>' }), answer, connection('2'));
    socket.abort();
    clock.advance(59_999);
    expect(cache.find(URI)).toBe(flow);
    clock.advance(1);
    expect(cache.find(URI)).toBeUndefined();
    expect(cache.size).toBe(1);
  });

  it('holds no more than 1,000 contacts of one connection, and forgets that one’s oldest', () => {
    const other = connection('other');
    const greedy = connection('greedy');
    const answer = response({ Expires: '60' });
    cache.onAccepted(request({ Contact: CONTACT }), answer, other);
    for (let count = 0; count < 1_200; count++)
      cache.onAccepted(request({ Contact: `<sip:u${count}@a>` }), answer, greedy);
    expect(cache.size).toBe(1_001);
    expect(cache.find(URI)).toBe(other);
    expect(cache.find('sip:u199@a')).toBeUndefined();
    expect(cache.find('sip:u200@a')).toBe(greedy);
  });

  it.each<[string, Rows, Rows]>([
    ['by its own expires', { Contact: `${CONTACT};expires=0` }, {}],
    ['by Expires', { Contact: CONTACT, Expires: '0' }, { Expires: '60' }],
    [
      'although others stay',
      { Contact: `${CONTACT};expires=0` },
      { Contact: '<sip:o@p>;expires=60' },
    ],
  ])('forgets a contact that is removed %s', (_how, asked, granted) => {
    cache.onAccepted(request({ Contact: CONTACT }), response({ Expires: '60' }), connection('1'));
    cache.onAccepted(request(asked), response(granted), connection('1'));
    expect(cache.size).toBe(0);
  });

  it.each<{ why: string; contact: string; granted: Rows; reliable: boolean }>([
    { why: 'the response names no expiry', contact: CONTACT, granted: {}, reliable: true },
    { why: 'it came over UDP', contact: CONTACT, granted: { Expires: '60' }, reliable: false },
    {
      why: 'it is no SIP URI',
      contact: '<mailto:a@b>',
      granted: { Expires: '60' },
      reliable: true,
    },
  ])('remembers nothing when $why', ({ contact, granted, reliable }) => {
    const flow = connection('1', reliable);
    cache.onAccepted(request({ Contact: contact }), response(granted), flow);
    expect(cache.size).toBe(0);
  });

  it('takes the expiry of a subscription from the Expires header alone', () => {
    const answer = response({ Contact: '<sip:notifier>;expires=5', Expires: '60' });
    cache.onAccepted(request({ Contact: CONTACT }, 'SUBSCRIBE'), answer, connection('1'));
    clock.advance(30_000);
    expect(cache.size).toBe(1);
  });
});
