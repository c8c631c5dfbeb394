import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusalOf, startWebBench, type WebBench } from '../../test/support/web-bench.js';

let bench: WebBench;
beforeEach(async () => {
  bench = await startWebBench();
});
afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

describe('who may open the WebSocket', () => {
  it('takes a page of our own host, and finds its flow by the address the SIP server sees', async () => {
    const socket = bench.browser();
    await once(socket, 'open');
    expect(socket.protocol).toBe('sip');
    const uplink = await bench.uplinks.uplink();
    const port = /:(\d+)$/.exec(uplink.flowKey)?.[1];
    expect(Number(port)).toBeGreaterThan(0);
    socket.send('OPTIONS');
    await uplink.received(1);
    expect(bench.web.flows.find(uplink.flowKey)).toMatchObject({ remoteAddress: '127.0.0.1' });
    expect(bench.web.flows.find(`127.0.0.2:${port ?? ''}`)).toBeUndefined();
    expect(bench.web.counts()).toEqual({ connections: 1, flows: 1, visits: 0 });
  });

  it.each([
    [
      'a foreign page',
      { origin: 'https://evil.example' },
      403,
      'CL_WEB_ORIGIN',
      'The Origin https://evil.example is not the host of this page.',
    ],
    [
      'our host on another port',
      { origin: 'http://127.0.0.1:1' },
      403,
      'CL_WEB_ORIGIN',
      'The Origin http://127.0.0.1:1 is not the host of this page.',
    ],
    ['a sandboxed page', { origin: 'null' }, 403, 'CL_WEB_ORIGIN', 'The Origin is no web page.'],
    ['a file', { origin: 'file:///x' }, 403, 'CL_WEB_ORIGIN', 'The Origin is no web page.'],
    [
      'no subprotocol',
      { protocols: [] },
      400,
      'CL_WEB_SUBPROTOCOL',
      'The WebSocket subprotocol sip was not offered.',
    ],
    [
      'another subprotocol',
      { protocols: ['xmpp', 'sips'] },
      400,
      'CL_WEB_SUBPROTOCOL',
      'The WebSocket subprotocol sip was not offered.',
    ],
    ['another path', { path: '/sip/x' }, 404, 'CL_WEB_NOT_FOUND', 'Only /sip is a WebSocket.'],
  ] as const)('refuses %s', async (_name, options, ...expected) => {
    const [status, code, sentence] = expected;
    const protocols = 'protocols' in options ? [...options.protocols] : ['sip'];
    const socket = bench.browser({ ...options, protocols });
    expect(await refusalOf(socket)).toEqual({ status, body: { code, sentence } });
    expect(bench.web.counts().connections).toBe(0);
    expect(bench.uplinks.opened).toHaveLength(0);
  });

  it('refuses a client without Origin', async () => {
    const { host } = new URL(bench.web.url);
    const answer = await rawUpgrade(bench, [
      'GET /sip HTTP/1.1',
      `Host: ${host}`,
      'Sec-WebSocket-Protocol: sip',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*The Origin header is missing\."}$/);
  });

  it.each([
    ['a target that is no URL', ['GET http://[ HTTP/1.1', 'Host: x', 'Origin: http://x'], '404'],
    ['a Host that is no host', ['GET /sip HTTP/1.1', 'Host: ]:', 'Origin: http://x'], '403'],
    ['no Host', ['GET /sip HTTP/1.1', 'Origin: http://x'], '403'],
    [
      'no WebSocket key',
      ['GET /sip HTTP/1.1', 'Host: x', 'Origin: http://x', 'Sec-WebSocket-Protocol: sip'],
      '400',
    ],
  ])('survives %s', async (_name, head, status) => {
    expect(await rawUpgrade(bench, head)).toContain(`HTTP/1.1 ${status} `);
    expect(bench.web.counts().connections).toBe(0);
  });
});

/** Sends the head of an upgrade as it is and reads until the server closes. */
async function rawUpgrade({ web }: WebBench, head: readonly string[]): Promise<string> {
  const socket = connect(web.address);
  socket.write([...head, 'Connection: Upgrade', 'Upgrade: websocket', '', ''].join('\r\n'));
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

describe('how many', () => {
  it('caps the connections of one address, and lets the next in when one left', async () => {
    const sockets = [bench.browser(), bench.browser(), bench.browser()];
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const sentence = 'All 3 WebSockets of 127.0.0.1 are in use.';
    expect(await refusalOf(bench.browser())).toEqual({
      status: 429,
      body: { code: 'CL_WEB_CONNECTION_LIMIT', sentence },
    });
    const first = await bench.uplinks.uplink(0);
    sockets.find((socket) => addressOf(socket) === first.flowKey)?.close();
    await first.untilClosed();
    await once(bench.browser(), 'open');
  });

  it('caps all connections, and counts behind a trusted proxy by the address it adds', async () => {
    expect(await bench.close()).toEqual([]);
    bench = await startWebBench({ settings: { trustProxy: true } });
    const from = (address: string) =>
      bench.browser({ headers: { 'X-Forwarded-For': `203.0.113.99, ${address}` } });
    const sockets = ['a', 'b', 'c', 'd'].map((_, i) => from(`203.0.113.${i}`));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const uplinks = await Promise.all(sockets.map((_, i) => bench.uplinks.uplink(i)));
    sockets.forEach((socket) => {
      socket.send('x');
    });
    await Promise.all(uplinks.map((uplink) => uplink.received(1)));
    const addresses = uplinks.map(({ flowKey }) => bench.web.flows.find(flowKey)?.remoteAddress);
    expect(addresses.sort()).toEqual(['203.0.113.0', '203.0.113.1', '203.0.113.2', '203.0.113.3']);
    expect(await refusalOf(from('203.0.113.5'))).toMatchObject({
      status: 503,
      body: { sentence: 'All 4 WebSockets are in use.' },
    });
  });

  it('believes no X-Forwarded-For without a proxy', async () => {
    const socket = bench.browser({ headers: { 'X-Forwarded-For': '203.0.113.1' } });
    await once(socket, 'open');
    socket.send('x');
    const uplink = await bench.uplinks.uplink();
    await uplink.received(1);
    expect(bench.web.flows.find(uplink.flowKey)?.remoteAddress).toBe('127.0.0.1');
  });
});

/** The client's own end, as the server sees it. */
function addressOf(socket: object): string {
  const { _socket } = socket as { _socket: { localAddress: string; localPort: number } };
  return `${_socket.localAddress}:${_socket.localPort}`;
}

describe('an allow-list of origins', () => {
  it('takes exactly those', async () => {
    expect(await bench.close()).toEqual([]);
    bench = await startWebBench({ settings: { origins: ['https://www.example.org'] } });
    await once(bench.browser({ origin: 'https://www.example.org' }), 'open');
    expect(await refusalOf(bench.browser())).toMatchObject({
      status: 403,
      body: { code: 'CL_WEB_ORIGIN' },
    });
    expect(await refusalOf(bench.browser({ origin: 'http://www.example.org' }))).toMatchObject({
      body: { sentence: 'The Origin http://www.example.org is not in web.origins.' },
    });
  });
});
