import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConformanceWorld, HANDLER_PORT, outcome } from '../../support/conformance-world.js';
import type { SipPeer } from '../../support/sip-peer.js';
import { listenSrf, type SrfRequest, type SrfResponse } from '../../support/srf-wire.js';

let world: ConformanceWorld;
let peer: SipPeer;
let handler: Server;
let asked: { url: string; body: string }[];
let answer: unknown;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  asked = [];
  handler = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ url: request.url ?? '', body: Buffer.concat(chunks).toString() });
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      response.writeHead(200, { connection: 'close' }).end(text);
    });
  });
  handler.listen(HANDLER_PORT, '127.0.0.1');
  await once(handler, 'listening');
  world = await ConformanceWorld.start((handler.address() as AddressInfo).port);
  peer = await world.peer();
});
afterEach(async () => {
  await world.close();
  for (const close of closers.splice(0)) await close();
  handler.closeAllConnections();
  handler.close();
  await once(handler, 'close');
});

const publish = (): void =>
  void peer.request('PUBLISH', {
    uri: `sip:bob@${peer.server};x=1`,
    headers: { Event: 'presence' },
  });

// A drachtio-server must have been told of the handler; without that there is nothing to compare.
describe.skipIf(Number.isNaN(HANDLER_PORT))('a request handler', () => {
  it('is asked what to do, and refuses', async () => {
    answer = { action: 'reject', data: { status: 404, reason: 'Nobody' } };
    publish();
    expect((await peer.next(404)).startLine).toBe('SIP/2.0 404 Nobody');
    const url = new URL(asked[0]?.url ?? '', 'http://x');
    const uri = `sip:bob@${peer.server};x=1`;
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ method: 'PUBLISH', domain: '127.0.0.1', protocol: 'udp', source_address: '127.0.0.1' },
      ...{ fromUser: 'peer', toUser: 'bob', uriUser: 'bob', contentType: '', uri, x: '1' },
    });
    expect(asked[0]?.body).toContain(`PUBLISH ${uri} SIP/2.0`);
  });

  it('redirects', async () => {
    answer = { action: 'redirect', data: { contact: ['sip:a@192.0.2.1', 'sip:b@192.0.2.2'] } };
    publish();
    const moved = await peer.next(302);
    expect(moved.startLine).toBe('SIP/2.0 302 Moved');
    expect(moved.all('Contact').join()).toMatch(/sip:a@192\.0\.2\.1.*sip:b@192\.0\.2\.2/);
  });

  it('has it proxied', async () => {
    const target = await world.peer();
    answer = { action: 'proxy', data: { destination: `sip:${target.sentBy};transport=udp` } };
    publish();
    target.reply(await target.next('PUBLISH'), 204);
    await peer.next(204);
  });

  it('chooses an application by its tag', async () => {
    const [blue, red] = [await world.app('green,blue'), await world.app('red')];
    for (const app of [blue, red]) await app.command('route|publish');
    answer = { action: 'route', data: { tag: 'blue' } };
    publish();
    await blue.respond((await blue.event('PUBLISH sip:'))[8], '204 No Notification');
    await peer.next(204);
    expect(red.client.payloads).toEqual([]);
    answer = { action: 'route', data: { tag: 'yellow' } };
    publish();
    await peer.next(480);
  });

  it.each([['hello'], [{ action: 'dance', data: {} }]])('that says %j makes 500', async (text) => {
    answer = text;
    publish();
    await peer.next(500);
  });

  it('names an application to connect to', async () => {
    const listening = await listenSrf(world.application.secret);
    closers.push(listening.close);
    listening.srf.publish((request: SrfRequest, response: SrfResponse) => {
      response.send(204);
      listening.srf.endSession(request);
    });
    answer = { action: 'route', data: { uri: `127.0.0.1:${listening.port}` } };
    publish();
    await peer.next(204);
  });

  it('names one that is not there', async () => {
    const gone = await listenSrf('x');
    await gone.close();
    answer = { action: 'route', data: { uri: `127.0.0.1:${gone.port}` } };
    publish();
    await peer.next(480);
  });

  it('names one that does not know the secret', async () => {
    const refused = new Promise<string>((resolve) => {
      const stranger = createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.write('25#1|authenticate|not-this|x');
        socket.on('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        });
      }).listen(0, '127.0.0.1', () => {
        const { port } = stranger.address() as AddressInfo;
        answer = { action: 'route', data: { uri: `127.0.0.1:${port}` } };
        publish();
      });
      closers.push(
        () =>
          new Promise((done) =>
            stranger.close(() => {
              done();
            }),
          ),
      );
    });
    expect(await refused).toContain('|response|1|NO|incorrect secret');
    const seen = await Promise.race([
      peer.next(480).then(() => '480'),
      (async () => {
        peer.request('INFO');
        await peer.next(503);
        return 'none';
      })(),
    ]);
    expect(seen).toBe(outcome('stranger-behind-the-handler'));
  });
});
