import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamBench, until } from '../../../test/support/sip/stream-bench.js';
import { optionsText, StreamClient } from '../../../test/support/sip/stream-client.js';

let bench: StreamBench;

afterEach(() => bench.close());

describe('connections that we open', () => {
  let accepted: StreamClient[];
  let remote: { host: string; port: number };
  let close: () => Promise<void>;

  beforeEach(async () => {
    accepted = [];
    const server = createServer((socket: Socket) => accepted.push(new StreamClient(socket)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    remote = { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
    close = async () => {
      for (const client of accepted) await client.close();
      server.close();
      await once(server, 'close');
    };
  });

  afterEach(() => close());

  it('are opened once, used again, and opened anew when they are gone', async () => {
    bench = await StreamBench.start();
    const [first, second] = await Promise.all([
      bench.listener.flowTo(remote),
      bench.listener.flowTo(remote),
    ]);
    expect(second).toBe(first);
    expect(await bench.listener.flowTo(remote)).toBe(first);
    await first.send(Buffer.from('one'));
    await until(() => accepted.length === 1);
    await accepted[0]!.until(/one/);
    accepted[0]!.write(optionsText());
    expect((await bench.message()).flow).toBe(first);
    const closed = once(first.closed, 'abort');
    await accepted[0]!.close();
    await closed;
    const third = await bench.listener.flowTo(remote);
    expect(third).not.toBe(first);
  });

  it('reject with the reason', async () => {
    bench = await StreamBench.start();
    await close();
    await expect(bench.listener.flowTo(remote)).rejects.toThrow(
      /^No connection to 127\.0\.0\.1:.*ECONNREFUSED/,
    );
    close = () => Promise.resolve();
  });

  it('ping the peer when asked to, and end when it does not answer', async () => {
    bench = await StreamBench.start({ pingMs: 30_000, pongMs: 10_000 });
    const flow = await bench.listener.flowTo(remote);
    await until(() => accepted.length === 1);
    bench.clock.advance(30_000);
    expect(await accepted[0]!.until(/\n/)).toBe('\r\n\r\n');
    accepted[0]!.write(`\r\n${optionsText()}`);
    await bench.message();
    bench.clock.advance(29_000);
    expect(flow.closed.aborted).toBe(false);
    bench.clock.advance(1_000);
    await accepted[0]!.until(/\r\n\r\n/);
    bench.clock.advance(10_000);
    expect((flow.closed.reason as Error).message).toBe('The peer did not answer a ping.');
  });

  it('are not opened any more once the server closes', async () => {
    bench = await StreamBench.start();
    const late = bench.listener.flowTo(remote);
    await bench.listener.close();
    await Promise.allSettled([late]);
    await expect(bench.listener.flowTo(remote)).rejects.toThrow('closed');
  });
});

describe('the alias of a connection (RFC 5923)', () => {
  it.each([
    ['SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bKa1;alias', true],
    ['SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bKa2', false],
    ['SIP/2.0/TCP 127.0.0.2:5999;branch=z9hG4bKa3;alias', false],
    ['SIP/2.0/TCP pbx.example:5999;branch=z9hG4bKa4;alias', false],
  ])('%s: %s', async (via, reused) => {
    bench = await StreamBench.start();
    const client = await bench.open();
    client.write(optionsText({ via }));
    const { flow } = await bench.message();
    const host = /TCP ([\d.]+)/.exec(via)?.[1] ?? '127.0.0.1';
    const found = await bench.listener
      .flowTo({ host, port: 5999 })
      .catch((error: unknown) => String(error));
    expect(found === flow).toBe(reused);
  });

  it('belongs to the first that claims it', async () => {
    bench = await StreamBench.start();
    const via = (branch: string): string =>
      `SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bK${branch};alias`;
    const honest = await bench.open();
    honest.write(optionsText({ via: via('b1') }));
    const { flow } = await bench.message();
    const thief = await bench.open();
    thief.write(optionsText({ via: via('b2') }));
    await bench.message();
    expect(await bench.listener.flowTo({ host: '127.0.0.1', port: 5999 })).toBe(flow);
  });
});
