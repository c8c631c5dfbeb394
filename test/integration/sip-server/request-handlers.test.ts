import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RequestHandler } from '../../../gateway/sip-server/app-protocol/request-handlers.js';
import { ManualClock } from '../../support/manual-clock.js';
import { AppConnectionClient } from '../../support/app-connection-client.js';
import type { SipPeer } from '../../support/sip-peer.js';
import {
  routed,
  SDP,
  SDP_ANSWER,
  SECRET,
  SipServerHarness,
} from '../../support/sip-server-harness.js';
import { answerCall, listenSrf, type SrfDialog } from '../../support/srf-wire.js';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Asked {
  url: URL;
  method: string;
  body: string;
}

/** A request handler that answers every question with `answer`; undefined keeps it waiting. */
async function handler(answer: unknown, status = 200): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server: Server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({
        url: new URL(request.url ?? '', 'http://x'),
        method: request.method ?? '',
        body,
      });
      if (answer === undefined) return;
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      response.writeHead(status, { connection: 'close' }).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function world(
  own: Partial<RequestHandler> & { url: string },
  // No time passes by itself: a slow machine is no application that is down.
  clock = new ManualClock(),
): Promise<{ harness: SipServerHarness; peer: SipPeer }> {
  const requestHandlers = [{ method: 'INVITE', ...own }];
  const harness = await SipServerHarness.start(clock, { requestHandlers });
  closers.push(() => harness.close());
  return { harness, peer: await harness.udpPeer() };
}

describe('a request handler', () => {
  it('is asked with what the request says, and refuses it', async () => {
    const { url, asked } = await handler({ action: 'reject', data: { status: 404, reason: 'No' } });
    const { peer, harness } = await world({ url });
    peer.request('INVITE', { uri: `sip:bob@${peer.server};x=1;y=2`, body: SDP });
    expect((await peer.next(404)).startLine).toBe('SIP/2.0 404 No');
    const { method, url: question } = asked[0] ?? { method: '', url: new URL('http://x') };
    expect(method).toBe('GET');
    expect(question.search).toBe(
      `?method=INVITE&domain=127.0.0.1&protocol=udp&source_address=127.0.0.1&fromUser=peer&toUser=bob&uriUser=bob&contentType=application%2fsdp&uri=sip%3abob%40${peer.server.replace(':', '%3a')}%3bx%3d1%3by%3d2&x=1&y=2`,
    );
    expect(harness.server.counts().waiting).toBe(0);
  });

  it('gets the message with POST, and may redirect', async () => {
    const contact = ['sip:a@192.0.2.1', '"B" <sip:b@192.0.2.2>;q=0.5'];
    const { url, asked } = await handler({ action: 'redirect', data: { contact } });
    const { peer } = await world({ url, httpMethod: 'POST' });
    const { text } = peer.request('INVITE', { body: SDP });
    const moved = await peer.next(302);
    expect(moved.startLine).toBe('SIP/2.0 302 Moved');
    expect(moved.all('Contact')).toEqual(['<sip:a@192.0.2.1>', '"B" <sip:b@192.0.2.2>;q=0.5']);
    expect(asked[0]?.method).toBe('POST');
    expect(asked[0]?.body.split('\r\n')[0]).toBe(text.split('\r\n')[0]);
    expect(asked[0]?.body).toContain(SDP);
  });

  it('may have the request proxied without any application', async () => {
    const data = { destination: [] as string[], recordRoute: true };
    const { url } = await handler({ action: 'proxy', data });
    const { harness, peer } = await world({ url });
    const target = await harness.udpPeer();
    data.destination.push(target.sentBy);
    peer.request('INVITE');
    const copy = await target.next('INVITE');
    expect(copy.uri).toBe(`sip:${target.sentBy}`);
    expect(copy.require('Record-Route')).toContain(';lr;');
    target.reply(copy, 200);
    await peer.next(200);
  });

  it.each([
    ['no JSON', 'hello', 200],
    ['an unknown action', { action: 'dance', data: {} }, 200],
    ['no SIP status', { action: 'reject', data: { status: 99 } }, 200],
    ['a header within a contact', { action: 'redirect', data: { contact: 'sip:a\r\nX: 1' } }, 200],
    ['an HTTP failure', { action: 'reject', data: { status: 404 } }, 500],
    ['an answer without end', 'x'.repeat(100_000), 200],
  ])('that gives %s makes 500', async (_what, answer, status) => {
    const { url } = await handler(answer, status);
    const { peer } = await world({ url });
    peer.request('INVITE');
    await peer.next(500);
  });

  it('that does not answer makes 500 after three seconds; a caller may give up before', async () => {
    const { url, asked } = await handler(undefined);
    const clock = new ManualClock();
    const { peer, harness } = await world({ url }, clock);
    peer.request('INVITE');
    peer.sameBranch('CANCEL', peer.request('INVITE', { headers: { 'Call-ID': 'given-up' } }));
    await peer.next(487);
    await expect.poll(() => asked.length).toBe(1);
    clock.advance(3_000);
    await peer.next(500);
    await expect.poll(() => harness.server.counts().waiting).toBe(0);
  });

  it('leaves other methods to the routes of applications', async () => {
    const { url, asked } = await handler({ action: 'reject', data: { status: 404 } });
    const { harness, peer } = await world({ url });
    const srf = await harness.srf();
    srf.options((_req, res) => {
      res.send(204);
    });
    await routed(srf);
    peer.request('OPTIONS');
    await peer.next(204);
    expect(asked).toEqual([]);
  });

  it('chooses connected applications by tag, in turn; 480 when there is none', async () => {
    const { url } = await handler({ action: 'route', data: { tag: 'blue' } });
    const { harness, peer } = await world({ url });
    peer.request('INVITE');
    await peer.next(480);
    const clients: AppConnectionClient[] = [];
    for (const tags of ['red', 'green,blue', 'blue']) {
      const client = await AppConnectionClient.open(harness.server.applicationAddress);
      clients.push(client);
      client.send(`1|authenticate|${SECRET}|${tags}`);
      await client.next('|OK|');
      client.send('2|route|invite');
      await client.next('|OK');
    }
    peer.request('INVITE');
    peer.request('INVITE');
    await Promise.all(clients.slice(1).map((client) => client.next('|sip|network|')));
    expect(clients[0]?.payloads).toEqual([]);
    for (const client of clients) client.destroy();
  });
});

describe('an application that listens', () => {
  it('is connected for each request, and has its dialog on that connection', async () => {
    const { srf, port, close } = await listenSrf(SECRET);
    closers.push(close);
    const { url } = await handler({ action: 'route', data: { uri: `127.0.0.1:${port}` } });
    const { harness, peer } = await world({ url });
    const destroyed = new Promise<void>((resolve) => {
      srf.invite((req, res) => {
        const onDialog = (dialog: SrfDialog): void => {
          dialog.on('destroy', () => {
            srf.endSession(req);
            resolve();
          });
        };
        answerCall([req, res], srf, { localSdp: SDP_ANSWER, onDialog });
      });
    });
    peer.request('INVITE', { body: SDP });
    const ok = await peer.next(200);
    peer.callerRequest('ACK', ok, { sequence: 1 });
    expect(harness.server.counts().applications).toBe(1);
    peer.callerRequest('BYE', ok, { sequence: 2 });
    await peer.next(200, 'BYE');
    await destroyed;
    await expect.poll(() => harness.server.counts().applications).toBe(0);
  });

  it('can be the handler itself, without HTTP', async () => {
    const { srf, port, close } = await listenSrf(SECRET);
    closers.push(close);
    srf.invite((_req, res) => {
      res.send(486);
    });
    const { peer } = await world({ url: `tcp://127.0.0.1:${port}` });
    peer.request('INVITE');
    await peer.next(486);
  });

  it('that is not there, or does not know the secret, makes 480', async () => {
    const { port, close } = await listenSrf('another secret');
    const { peer, harness } = await world({ url: `tcp://127.0.0.1:${port}` });
    peer.request('INVITE');
    await peer.next(480);
    await close();
    peer.request('INVITE');
    await peer.next(480);
    expect(harness.server.counts().applications).toBe(0);
  });
});
