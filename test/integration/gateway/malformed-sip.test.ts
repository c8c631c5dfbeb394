import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatewayWorld } from '../../support/gateway-world.js';

let world: GatewayWorld;
let stranger: Socket;

beforeAll(async () => {
  world = await GatewayWorld.start();
  stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
});

afterEach(async () => {
  await world.settle(0);
});

afterAll(async () => {
  stranger.close();
  await world.close();
});

const HEAD = [
  'INVITE sip:600@gateway.test SIP/2.0',
  'Via: SIP/2.0/TRANSPORT stranger.invalid;branch=z9hG4bKbad;rport',
  'Max-Forwards: 70',
  'From: <sip:alice@gateway.test>;tag=1',
  'To: <sip:600@gateway.test>',
  'Call-ID: bad',
  'CSeq: 1 INVITE',
  'Contact: <sip:alice@stranger.invalid>',
];

const message = (change: (lines: string[]) => string[]): string =>
  `${change(HEAD).join('\r\n')}\r\n\r\n`;
const lacking = (name: string): string =>
  message((lines) => lines.filter((line) => !line.startsWith(`${name}:`)));

/** Each with the status that answers it, when there is one. */
const MALFORMED: readonly (readonly [string, string | Buffer, number | undefined])[] = [
  ['binary', Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 7) & 0xff)), undefined],
  ['zeroes', Buffer.alloc(1024), undefined],
  ['truncated in a header', message((lines) => lines).slice(0, 120), undefined],
  ['without Via', lacking('Via'), undefined],
  ['without From', lacking('From'), 400],
  ['without To', lacking('To'), 400],
  ['without Call-ID', lacking('Call-ID'), 400],
  ['without CSeq', lacking('CSeq'), undefined],
  ['with a Content-Length that is too long', message((l) => [...l, 'Content-Length: 999']), 400],
  ['with a Content-Length that is no number', message((l) => [...l, 'Content-Length: x']), 400],
  ['with a negative Content-Length', message((l) => [...l, 'Content-Length: -1']), 400],
  ['with a header of 20 kB', message((l) => [...l, `X-Long: ${'a'.repeat(20_000)}`]), 400],
  ['with 1000 headers', message((l) => [...l, ...Array<string>(1000).fill('X-A: b')]), 400],
  ['of another version', message(([, ...l]) => ['INVITE sip:600@gateway.test SIP/7.0', ...l]), 505],
];

/** What the gateway answers to bytes and a good OPTIONS after them; the OPTIONS shows that it lives. */
interface Way {
  name: string;
  transport: string;
  open: () => Promise<{ send: (bytes: string | Buffer) => void; statuses: () => number[] }>;
}

const statusOf = (text: string): number => Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);

const WAYS: readonly Way[] = [
  {
    name: 'UDP',
    transport: 'UDP',
    open: () => {
      const received: number[] = [];
      stranger.removeAllListeners('message');
      stranger.on('message', (bytes) => received.push(statusOf(bytes.toString())));
      return Promise.resolve({
        send: (bytes) => {
          stranger.send(bytes, world.sipPort, '127.0.0.1');
        },
        statuses: () => received,
      });
    },
  },
  {
    name: 'a WebSocket',
    transport: 'WS',
    open: async () => {
      const { socket } = await world.browser();
      const received: number[] = [];
      socket.removeAllListeners('message');
      socket.on('message', (bytes: Buffer) => received.push(statusOf(bytes.toString())));
      return {
        send: (bytes) => {
          socket.send(bytes);
        },
        statuses: () => received,
      };
    },
  },
];

describe.each(WAYS)('SIP over $name', ({ transport, open }) => {
  const over = (bytes: string | Buffer): string | Buffer =>
    typeof bytes === 'string' ? bytes.replace('TRANSPORT', transport) : bytes;
  const options = message(([, ...lines]) => [
    'OPTIONS sip:gateway.test SIP/2.0',
    ...lines.map((line) => line.replace('INVITE', 'OPTIONS').replace('bad', 'good')),
    'Content-Length: 0',
  ]);

  it.each(MALFORMED)('that is %s does no harm', async (_what, bytes, status) => {
    const way = await open();
    way.send(over(bytes));
    way.send(over(options));
    await expect.poll(() => way.statuses().includes(200)).toBe(true);
    expect(way.statuses()).toEqual(status === undefined ? [200] : [status, 200]);
  });
});

describe('a WebSocket frame of 100 kB', () => {
  it('is refused with a sentence, and the next browser is served', async () => {
    const browser = await world.browser();
    const closed = browser.closedByGateway();
    browser.sendText('x'.repeat(100_000));
    expect(await closed).toMatchObject({ code: 1009 });
    expect((await (await world.browser()).register()).status).toBe(200);
  });
});

describe('a datagram of 60 kB', () => {
  it('that is no SIP does no harm', async () => {
    stranger.send(Buffer.alloc(60_000, 'INVITE '), world.sipPort, '127.0.0.1');
    expect((await (await world.browser()).register()).status).toBe(200);
  });
});
