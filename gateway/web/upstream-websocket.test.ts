import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { ManualClock, settle } from '../../test/support/manual-clock.js';
import type { SipUplink } from './sip-uplink.js';
import { upstreamWebSockets } from './upstream-websocket.js';

const BROWSER = { host: '203.0.113.1', port: 50_000 };

/** A drachtio-server as far as its WebSocket goes. */
let server: WebSocketServer;
let clock: ManualClock;
let url: string;
beforeEach(async () => {
  clock = new ManualClock();
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sip' });
  await once(server, 'listening');
  url = urlOf(server);
});
afterEach(async () => {
  for (const client of server.clients) {
    client.resume();
    client.terminate();
  }
  server.close();
  await once(server, 'close');
  expect(clock.pending).toBe(0);
});

function urlOf(listening: { address(): unknown }): string {
  const { port } = listening.address() as { port: number };
  return `ws://127.0.0.1:${port}`;
}

interface Opened {
  uplink: SipUplink;
  frames: string[];
  closed: Promise<string>;
  peer: WebSocket;
  source: string;
}

async function open(): Promise<Opened> {
  const frames: string[] = [];
  const arriving = once(server, 'connection');
  let onClosed = (_sentence: string): void => undefined;
  const closed = new Promise<string>((resolve) => (onClosed = resolve));
  const opening = upstreamWebSockets({ url, clock }).open(BROWSER, {
    onFrame: (frame) => frames.push(frame.toString()),
    onClosed,
  });
  const [peer, request] = (await arriving) as [
    WebSocket,
    { socket: { remoteAddress: string; remotePort: number } },
  ];
  const { remoteAddress, remotePort } = request.socket;
  const uplink = await opening;
  return { uplink, frames, closed, peer, source: `${remoteAddress}:${remotePort}` };
}

describe('a drachtio-server', () => {
  it('gets one connection per browser, known by the address of our end', async () => {
    const first = await open();
    const second = await open();
    expect(first.peer.protocol).toBe('sip');
    expect(first.uplink.flowKey).toBe(first.source);
    expect(second.uplink.flowKey).toBe(second.source);
    expect(first.source).not.toBe(second.source);
    first.uplink.close();
    second.uplink.close();
    await Promise.all([once(first.peer, 'close'), once(second.peer, 'close')]);
    await drained();
  });

  it('gets frames as text, in order, and answers the same way', async () => {
    const { uplink, frames, peer } = await open();
    const received: [string, boolean][] = [];
    peer.on('message', (data: Buffer, binary) => received.push([data.toString('latin1'), binary]));
    uplink.send(Buffer.from('one'));
    uplink.send(Buffer.from([0xff]));
    peer.send('answer');
    uplink.close();
    await once(peer, 'close');
    expect(received).toEqual([
      ['one', false],
      ['ÿ', true],
    ]);
    await drained();
    expect(frames).toEqual([]);
  });

  it('is heard until we close', async () => {
    const { uplink, frames, peer } = await open();
    peer.send('SIP/2.0 200 OK');
    peer.ping();
    await once(peer, 'pong');
    expect(frames).toEqual(['SIP/2.0 200 OK']);
    uplink.close();
    uplink.close();
    uplink.send(Buffer.from('late'));
    await once(peer, 'close');
    await drained();
  });

  it('that closes the connection is reported once', async () => {
    const { uplink, closed, peer } = await open();
    peer.close();
    expect(await closed).toBe(
      `The SIP server at ${url} is not available: it closed the connection.`,
    );
    uplink.close();
  });

  it('that does not answer our close frame is cut off', async () => {
    const { uplink, peer } = await open();
    peer.pause();
    uplink.close();
    clock.advance(2_000);
    peer.resume();
    await once(peer, 'close');
    await drained();
  });

  it('that reads too slowly is given up', async () => {
    const { uplink, closed, peer } = await open();
    peer.pause();
    const frame = Buffer.alloc(65_536, 'x');
    const state = { given: false };
    void closed.then(() => (state.given = true));
    for (let i = 0; i < 10_000 && !state.given; i++) {
      uplink.send(frame);
      await settle();
    }
    expect(await closed).toContain('it leaves more than 1048576 bytes unread');
  });
});

describe('no drachtio-server', () => {
  const refused = { onFrame: () => undefined, onClosed: () => undefined };

  it('at the address: a sentence', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const nowhere = urlOf(free);
    await new Promise((resolve) => free.close(resolve));
    await expect(
      upstreamWebSockets({ url: nowhere, clock }).open(BROWSER, refused),
    ).rejects.toMatchObject({
      code: 'CL_SIP_SERVER_UNREACHABLE',
      sentence: `The SIP server at ${nowhere} is not available: ECONNREFUSED.`,
    });
  });

  it('but something that never answers: given up after 5 s', async () => {
    await withServer(createServer(), async (silent, accepted) => {
      const opening = upstreamWebSockets({ url: silent, clock }).open(BROWSER, refused);
      await accepted;
      clock.advance(5_000);
      await expect(opening).rejects.toMatchObject({
        code: 'CL_SIP_SERVER_UNREACHABLE',
        sentence: `The SIP server at ${silent} is not available: it did not answer within 5 s.`,
      });
    });
  });

  it('but a WebSocket server without the subprotocol sip: refused', async () => {
    server.options.handleProtocols = () => false;
    await expect(upstreamWebSockets({ url, clock }).open(BROWSER, refused)).rejects.toMatchObject({
      sentence: expect.stringMatching(/no subprotocol/) as string,
    });
  });
});

async function withServer(
  tcp: Server,
  run: (url: string, accepted: Promise<unknown>) => Promise<void>,
): Promise<void> {
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const accepted = once(tcp, 'connection');
  await run(urlOf(tcp), accepted);
  const [socket] = (await accepted) as [{ destroy(): void }];
  socket.destroy();
  await new Promise((resolve) => tcp.close(resolve));
}

/** Our end has seen the close as well: its timer is gone. */
async function drained(): Promise<void> {
  while (clock.pending > 0) await settle();
}
