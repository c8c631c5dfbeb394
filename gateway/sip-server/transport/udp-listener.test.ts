import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseOrThrow } from '../../../test/support/sip/requests.js';
import { UdpPeer } from '../../../test/support/sip/udp-peer.js';
import { CopperlineError } from '../../kernel/errors.js';
import { getHeader } from '../message/headers.js';
import type { SipMessage } from '../message/sip-message.js';
import type { Flow, Listener, TransportHandlers } from './transport.js';
import { listenUdp } from './udp-listener.js';

type Event = { message: SipMessage; flow: Flow } | { why: string; flow: Flow };

/** Keeps what the listener reports, and lets a test wait for it. */
class Reports implements TransportHandlers {
  readonly #events: Event[] = [];
  readonly #waiting: ((event: Event) => void)[] = [];
  failWith: Error | undefined;

  onMessage(message: SipMessage, flow: Flow): void {
    this.#push({ message, flow });
    if (this.failWith !== undefined) throw this.failWith;
  }

  onMalformed(flow: Flow, why: string): void {
    this.#push({ why, flow });
  }

  #push(event: Event): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#events.push(event);
    else waiter(event);
  }

  next(): Promise<Event> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async message(): Promise<{ message: SipMessage; flow: Flow }> {
    const event = await this.next();
    if (!('message' in event)) throw new Error(event.why);
    return event;
  }

  async defect(): Promise<string> {
    const event = await this.next();
    return 'why' in event ? event.why : 'accepted';
  }
}

const options = (lines: readonly string[], body = ''): string =>
  ['OPTIONS sip:b@x SIP/2.0', ...lines, '', body].join('\r\n');
const HEADERS = [
  'From: <sip:a@b>;tag=1',
  'To: <sip:c@d>',
  'Call-ID: u1',
  'CSeq: 1 OPTIONS',
  'Max-Forwards: 70',
];
const VIA = 'Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKu';

describe('UDP listener', () => {
  let reports: Reports;
  let listener: Listener;
  let peer: UdpPeer;

  beforeEach(async () => {
    reports = new Reports();
    listener = await listenUdp({ bind: { host: '127.0.0.1', port: 0 }, handlers: reports });
    peer = await UdpPeer.open();
  });

  afterEach(async () => {
    expect(peer.unread).toBe(0);
    await listener.close();
    await peer.close();
  });

  const tell = (bytes: Buffer | string): Promise<void> => peer.send(bytes, listener.local.port);

  it('notes the real source on the top Via and answers over the flow', async () => {
    await tell(options([VIA, ...HEADERS]));
    const { message, flow } = await reports.message();
    expect(getHeader(message, 'Via')).toBe(
      `SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKu;received=127.0.0.1;rport=${peer.port}`,
    );
    expect(flow).toMatchObject({
      protocol: 'udp',
      reliable: false,
      remote: { host: '127.0.0.1', port: peer.port },
      local: listener.local,
    });
    await flow.send(Buffer.from('answer'));
    expect(await peer.next()).toBe('answer');
  });

  it.each([
    ['127.0.0.1', ';rport=PORT'],
    ['127.0.0.1;rport', ';rport=PORT;received=127.0.0.1'],
    ['localhost', ';received=127.0.0.1;rport=PORT'],
  ])('Via of %s becomes %s', async (sentBy, expected) => {
    await tell(options([`Via: SIP/2.0/UDP ${sentBy}, SIP/2.0/UDP other`, ...HEADERS]));
    const { message } = await reports.message();
    const host = sentBy.split(';')[0] ?? '';
    expect(getHeader(message, 'via')).toBe(
      `SIP/2.0/UDP ${host}${expected.replace('PORT', String(peer.port))}, SIP/2.0/UDP other`,
    );
  });

  it('leaves the Via of a response alone', async () => {
    const lines = ['SIP/2.0 200 OK', VIA, ...HEADERS, '', ''];
    await tell(lines.join('\r\n'));
    expect(getHeader((await reports.message()).message, 'via')).toBe(VIA.slice(5));
  });

  it('keeps one flow per remote address and gives it to who asks', async () => {
    await tell(options([VIA, ...HEADERS]));
    await tell(options([VIA, ...HEADERS]));
    const first = await reports.message();
    const second = await reports.message();
    expect(second.flow).toBe(first.flow);
    expect(await listener.flowTo({ host: '127.0.0.1', port: peer.port })).toBe(first.flow);
    expect(await listener.flowTo({ host: 'localhost', port: peer.port })).toBe(first.flow);
  });

  it('refuses flows it cannot carry, with a sentence', async () => {
    await expect(listener.flowTo({ host: '::1', port: 5060 })).rejects.toThrow(
      'The address ::1 is not IPv4, which this SIP port speaks.',
    );
    await expect(listener.flowTo({ host: 'no-such-host.invalid', port: 1 })).rejects.toThrow(
      'The host name no-such-host.invalid has no IPv4 address.',
    );
  });

  it('refuses a message that fits no datagram', async () => {
    const flow = await listener.flowTo({ host: '127.0.0.1', port: peer.port });
    await expect(flow.send(Buffer.alloc(65_508))).rejects.toThrow('does not fit a UDP datagram');
    await flow.send(Buffer.alloc(65_507, 'x'));
    expect(await peer.next()).toHaveLength(65_507);
  });

  it('ignores keep-alives and reads a datagram of the largest size', async () => {
    await tell('\r\n\r\n');
    await tell('\r\n');
    await tell(Buffer.alloc(0));
    const head = options([VIA, ...HEADERS]);
    await tell(head + 'b'.repeat(65_507 - head.length));
    const { message } = await reports.message();
    expect(message.body).toHaveLength(65_507 - head.length);
  });

  it('cuts a body to Content-Length', async () => {
    await tell(options([VIA, ...HEADERS, 'Content-Length: 3'], 'abcdef'));
    expect((await reports.message()).message.body.toString()).toBe('abc');
  });

  it.each([
    [
      options([VIA, ...HEADERS, 'Content-Length: 9'], 'abc'),
      400,
      'The Content-Length 9 exceeds the 3 bytes of the body',
    ],
    [
      options([VIA, ...HEADERS, 'Content-Length: x']),
      400,
      'The header Content-Length is not a number',
    ],
    [
      options([VIA, ...HEADERS, 'nonsense']),
      400,
      'The header line "nonsense" has no name and colon',
    ],
    [options([VIA, ...HEADERS, 'X-A: \u0007']), 400, 'The header X-A holds a control character'],
    [options([VIA, ...HEADERS, 'Call-ID: u2']), 400, 'The header Call-ID stands twice'],
    [
      options([VIA, ...HEADERS]).replace('SIP/2.0', 'SIP/3.0'),
      505,
      'The SIP version 3.0 is not supported',
    ],
    [
      options([VIA, ...HEADERS]).replace('OPTIONS ', 'OPTIONS  '),
      400,
      'The request line is not method, URI and SIP/2.0 with one space between',
    ],
    [
      options([VIA, ...HEADERS, ...Array.from({ length: 300 }, (_, i) => `X-${i}: y`)]),
      400,
      'There are more than 256 headers',
    ],
  ])('answers a malformed request with the defect (%#)', async (text, status, reason) => {
    await tell(text);
    const reply = parseOrThrow(Buffer.from(await peer.next(), 'latin1'));
    expect(reply).toMatchObject({ kind: 'response', status, reason });
    expect(getHeader(reply, 'via')).toContain(`rport=${peer.port}`);
    expect(getHeader(reply, 'call-id')).toBe('u1');
    expect(getHeader(reply, 'to')).toContain(';tag=');
    expect(await reports.defect()).toBe(`${reason}.`);
  });

  it('drops without an answer what cannot be answered, and goes on', async () => {
    const bad = [
      Buffer.from([0, 1, 2, 255, 254, 0x80]),
      Buffer.from('00010000211 2a442deadbeef', 'hex'),
      Buffer.alloc(65_507, 0xff),
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from('{"jsonrpc":"2.0"}'),
      Buffer.from(options([...HEADERS])),
      Buffer.from(options([VIA])),
      Buffer.from(options([VIA, ...HEADERS]).slice(0, 70)),
      Buffer.from(`ACK sip:b@x SIP/2.0\r\n${[VIA, ...HEADERS].join('\r\n')}\r\n\r\n`),
      Buffer.from(`SIP/2.0 200 OK\r\n${[VIA, ...HEADERS].join('\r\n')}\r\nbad\r\n\r\n`),
    ];
    for (const bytes of bad) {
      await tell(bytes);
      expect(await reports.defect()).not.toBe('accepted');
    }
    await tell(options([VIA, ...HEADERS]));
    const { message, flow } = await reports.message();
    expect(message.kind).toBe('request');
    // Datagrams of one socket pair keep their order: an answer to the garbage would be read first.
    await flow.send(Buffer.from('first'));
    expect(await peer.next()).toBe('first');
  });

  it('survives a layer above that throws', async () => {
    reports.failWith = new Error('bug above');
    await tell(options([VIA, ...HEADERS]));
    await reports.message();
    reports.failWith = undefined;
    await tell(options([VIA, ...HEADERS]));
    await reports.message();
  });
});

describe('UDP listener, on its own', () => {
  const handlers: TransportHandlers = { onMessage: () => undefined, onMalformed: () => undefined };

  it('says in a sentence that the port is taken', async () => {
    const first = await listenUdp({ bind: { host: '127.0.0.1', port: 0 }, handlers });
    const again = listenUdp({ bind: first.local, handlers });
    await expect(again).rejects.toThrow(CopperlineError);
    await expect(again).rejects.toThrow(
      `The UDP address 127.0.0.1:${first.local.port} for SIP is taken by another program.`,
    );
    await first.close();
  });

  it('advertises what it is told, the bound port for port 0', async () => {
    const listener = await listenUdp({
      bind: { host: '127.0.0.1', port: 0 },
      advertised: { host: '203.0.113.5', port: 0 },
      handlers,
    });
    expect(listener.advertised).toEqual({ host: '203.0.113.5', port: listener.local.port });
    const flow = await listener.flowTo({ host: '127.0.0.1', port: 9 });
    expect(flow.advertised).toEqual(listener.advertised);
    await listener.close();
    await listener.close();
    await expect(flow.send(Buffer.from('x'))).rejects.toThrow('Not running');
  });

  it('forgets the flow unused for longest', async () => {
    const listener = await listenUdp({
      bind: { host: '127.0.0.1', port: 0 },
      handlers,
      maxFlows: 2,
    });
    const to = (port: number): Promise<Flow> => listener.flowTo({ host: '127.0.0.1', port });
    const one = await to(1);
    const two = await to(2);
    expect(await to(1)).toBe(one);
    await to(3);
    expect(await to(1)).toBe(one);
    expect(await to(2)).not.toBe(two);
    await listener.close();
  });

  it('speaks IPv6', async () => {
    const listener = await listenUdp({ bind: { host: '::1', port: 0 }, handlers });
    const flow = await listener.flowTo({ host: '[::1]', port: listener.local.port });
    expect(flow.remote.host).toBe('::1');
    await listener.close();
  });
});
