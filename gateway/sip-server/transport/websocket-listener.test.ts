import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { ManualClock, settle } from '../../../test/support/manual-clock.js';
import { TestAuthority } from '../../../test/support/sip/certificates.js';
import { openTcp, optionsText } from '../../../test/support/sip/stream-client.js';
import type { SipMessage } from '../message/sip-message.js';
import type { ConnectionLimits } from './connection-limits.js';
import { TlsKeys } from './tls-keys.js';
import type { Flow, Listener } from './transport.js';
import { listenWebSocket } from './websocket-listener.js';

let authority: TestAuthority;
let clock: ManualClock;
let listener: Listener;
let got: { message: SipMessage; flow: Flow }[];
const sockets: WebSocket[] = [];

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await settle();
};

async function start(
  how: { host?: string; secure?: boolean; limits?: Partial<ConnectionLimits> } = {},
): Promise<void> {
  const keys =
    how.secure === true
      ? await TlsKeys.load({ certificates: [authority.issue('IP:127.0.0.1,IP:::1')] })
      : undefined;
  listener = await listenWebSocket({
    bind: { host: how.host ?? '127.0.0.1', port: 0 },
    keys,
    clock,
    limits: how.limits,
    handlers: {
      onMessage: (message, flow) => got.push({ message, flow }),
      onMalformed: () => undefined,
    },
  });
}

function dial(protocols: string[] = ['sip'], options: ClientOptions = {}): WebSocket {
  const { host, port } = listener.local;
  const url = `${listener.protocol}://${host.includes(':') ? `[${host}]` : host}:${port}/any`;
  const socket = new WebSocket(url, protocols, { ca: authority.ca, ...options });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

async function open(): Promise<WebSocket> {
  const socket = dial();
  await once(socket, 'open');
  return socket;
}

beforeEach(() => {
  clock = new ManualClock();
  got = [];
});

afterEach(async () => {
  const closing = listener.close();
  for (const socket of sockets.splice(0)) socket.terminate();
  await closing;
  expect(listener.size).toBe(0);
  expect(clock.pending).toBe(0);
});

describe('SIP over WebSocket on a port of its own', () => {
  it.each([
    ['127.0.0.1', false],
    ['::1', false],
    ['127.0.0.1', true],
    ['::1', true],
  ])('carries messages both ways (%s, TLS %s)', async (host, secure) => {
    await start({ host, secure });
    const socket = await open();
    expect(socket.protocol).toBe('sip');
    socket.send(optionsText({ length: '' }));
    await until(() => got.length === 1);
    const { flow } = got[0]!;
    expect(flow.protocol).toBe(secure ? 'wss' : 'ws');
    expect(await listener.flowTo(flow.remote)).toBe(flow);
    const answers: [string, boolean][] = [];
    socket.on('message', (data: Buffer, binary) => answers.push([data.toString('latin1'), binary]));
    await flow.send(Buffer.from('text'));
    await flow.send(Buffer.from([0xff, 0xfe]));
    await until(() => answers.length === 2);
    expect(answers).toEqual([
      ['text', false],
      ['\xff\xfe', true],
    ]);
    const closed = once(flow.closed, 'abort');
    socket.close();
    await closed;
  });

  it('answers the pings of RFC 5626 and of RFC 6455', async () => {
    await start();
    const socket = await open();
    socket.send('\r\n\r\n');
    const [pong] = (await once(socket, 'message')) as [Buffer];
    expect(pong.toString()).toBe('\r\n');
    socket.ping();
    await once(socket, 'pong');
  });

  it('refuses clients that do not speak SIP, and plain HTTP', async () => {
    await start();
    const [refusal] = (await once(dial(['chat']), 'unexpected-response').then(([, response]) => [
      response,
    ])) as [{ statusCode: number }];
    expect(refusal.statusCode).toBe(400);
    const plain = await openTcp(listener.local);
    plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await plain.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 426 /);
    await plain.gone;
    const noise = await openTcp(listener.local);
    noise.write(optionsText());
    await noise.gone;
  });

  it('closes who says nothing: before the upgrade, after it, and later', async () => {
    await start({ limits: { firstMessageMs: 1_000, idleMs: 5_000 } });
    const silent = await openTcp(listener.local);
    await until(() => clock.pending === 1);
    clock.advance(1_000);
    await silent.gone;
    const mute = await open();
    clock.advance(1_000);
    await once(mute, 'close');
    const idle = await open();
    idle.send(optionsText());
    await until(() => got.length === 1);
    clock.advance(4_999);
    expect(listener.size).toBe(1);
    clock.advance(1);
    await once(idle, 'close');
    await until(() => listener.size === 0);
  });

  it('closes who sends too large a frame, and who reads nothing', async () => {
    await start({ limits: { maxQueuedBytes: 200_000 } });
    const large = await open();
    large.send('x'.repeat(70_000));
    const [code] = (await once(large, 'close')) as [number];
    expect(code).toBe(1009);
    const deaf = await open();
    deaf.send(optionsText());
    await until(() => got.length === 1);
    deaf.pause();
    const { flow } = got[0]!;
    let refusal = '';
    while (refusal === '')
      await flow.send(Buffer.alloc(50_000, 'x')).catch((error: unknown) => {
        refusal = String(error);
      });
    expect(refusal).toContain('more than 200000 bytes unread');
    await until(() => listener.size === 0);
  });

  it('says goodbye when it closes', async () => {
    await start();
    const socket = await open();
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await listener.close();
    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([1001, 'The SIP server is shutting down.']);
  });
});
