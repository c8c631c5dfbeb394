import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/manual-clock.js';
import { StreamBench, until } from '../../../test/support/sip/stream-bench.js';
import { optionsText } from '../../../test/support/sip/stream-client.js';
import { CopperlineError } from '../../kernel/errors.js';
import { getHeader } from '../message/headers.js';
import { listenStream } from './stream-listener.js';

let bench: StreamBench;

afterEach(() => bench.close());

const NO_HANDLERS = { onMessage: () => undefined, onMalformed: () => undefined };

describe('SIP over TCP', () => {
  it.each(['127.0.0.1', '::1'])(
    'carries messages both ways on one connection (%s)',
    async (host) => {
      bench = await StreamBench.start({}, host);
      const client = await bench.open();
      client.write(optionsText() + optionsText());
      const { message, flow } = await bench.message();
      await bench.message();
      expect(flow).toMatchObject({ protocol: 'tcp', reliable: true });
      expect(flow.remote).toEqual({ host, port: client.port });
      expect(getHeader(message, 'via')).toContain(`received=${host};rport=${client.port}`);
      await flow.send(Buffer.from('answer'));
      await client.until(/answer/);
      expect(await bench.listener.flowTo(flow.remote)).toBe(flow);
    },
  );

  it('answers a ping with a pong', async () => {
    bench = await StreamBench.start();
    const client = await bench.open();
    client.write('\r\n\r\n');
    expect(await client.until(/\n/)).toBe('\r\n');
    client.write(`\r\n\r\n${optionsText()}`);
    await bench.message();
    expect(await client.until(/\n/)).toBe('\r\n');
  });

  it('answers 400 and closes where Content-Length is missing', async () => {
    bench = await StreamBench.start();
    const client = await bench.open();
    client.write(optionsText({ length: '' }));
    const text = await client.until(/\r\n\r\n/);
    expect(text).toMatch(/^SIP\/2\.0 400 The header Content-Length is missing/);
    await client.gone;
    expect(bench.listener.size).toBe(0);
  });

  it('answers 513 and closes where a message is too large', async () => {
    bench = await StreamBench.start();
    const client = await bench.open();
    client.write(optionsText({ length: 'Content-Length: 70000' }));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^SIP\/2\.0 513 /);
    await client.gone;
  });

  it('goes on after a malformed message, but not after many', async () => {
    bench = await StreamBench.start({ maxMalformed: 3 });
    const client = await bench.open();
    const bad = optionsText().replace('CSeq: 1 OPTIONS', 'CSeq: x');
    client.write(bad);
    await client.until(/400/);
    client.write(optionsText());
    await bench.next();
    await bench.message();
    client.write(bad + bad + optionsText());
    await client.gone;
    await until(() => bench.listener.size === 0);
    expect(bench.got).toHaveLength(2);
  });

  it('is closed when nothing, half a message, or drops of one come', async () => {
    bench = await StreamBench.start({ firstMessageMs: 1_000, halfMessageMs: 500, idleMs: 5_000 });
    const silent = await bench.open();
    await until(() => bench.clock.pending === 1);
    bench.clock.advance(999);
    expect(bench.listener.size).toBe(1);
    bench.clock.advance(1);
    await silent.gone;

    const dripping = await bench.open();
    dripping.write('OPT');
    await until(() => bench.clock.pending === 1);
    await settle();
    await settle();
    bench.clock.advance(400);
    dripping.write('IONS');
    await settle();
    await settle();
    await settle();
    bench.clock.advance(100);
    await dripping.gone;

    const slow = await bench.open();
    slow.write(optionsText() + 'OPTIONS');
    await bench.message();
    bench.clock.advance(500);
    await slow.gone;
  });

  it('stays open while the peer speaks, and is closed when it has been silent', async () => {
    bench = await StreamBench.start({ firstMessageMs: 1_000, idleMs: 5_000 });
    const client = await bench.open();
    client.write(optionsText());
    const { flow } = await bench.message();
    bench.clock.advance(4_000);
    client.write('\r\n\r\n');
    await client.until(/\r\n/);
    bench.clock.advance(4_999);
    expect(flow.closed.aborted).toBe(false);
    bench.clock.advance(2);
    await client.gone;
    expect((flow.closed.reason as Error).message).toBe('The peer was silent for too long.');
    await expect(flow.send(Buffer.from('x'))).rejects.toThrow('closed');
  });

  it('tells the layers when the peer closes in the middle of a message', async () => {
    bench = await StreamBench.start();
    const client = await bench.open();
    client.write(optionsText() + 'OPTIONS sip:');
    const { flow } = await bench.message();
    const closed = once(flow.closed, 'abort');
    client.socket.end();
    await closed;
    await client.gone;
    expect(bench.got).toEqual([]);
  });

  it('cuts off a peer that reads nothing', async () => {
    bench = await StreamBench.start({ maxQueuedBytes: 100_000 });
    const client = await bench.open();
    client.socket.pause();
    client.write(optionsText());
    const { flow } = await bench.message();
    const sends: Promise<unknown>[] = [];
    while (!flow.closed.aborted)
      sends.push(flow.send(Buffer.alloc(50_000)).catch((error: unknown) => error));
    expect(String((await Promise.all(sends)).at(-1))).toContain('more than 100000 bytes unread');
    expect(sends.length).toBeLessThan(1_000);
    await client.close();
  });

  it('lets in no more than its limits, in all and from one address', async () => {
    bench = await StreamBench.start({ maxPerSource: 2 });
    const first = await bench.open();
    await bench.open();
    const third = await bench.open();
    await third.gone;
    expect(bench.listener.size).toBe(2);
    await first.close();
    await until(() => bench.listener.size === 1);
    const fourth = await bench.open();
    fourth.write(optionsText());
    await bench.message();
  });

  it('takes a flood on one connection', async () => {
    bench = await StreamBench.start();
    const client = await bench.open();
    const count = 2_000;
    client.write(
      Array.from({ length: count }, () => optionsText({ body: 'x'.repeat(50) })).join(''),
    );
    for (let index = 0; index < count; index++) await bench.message();
  });

  it('says that the port is taken', async () => {
    bench = await StreamBench.start();
    const again = listenStream({
      bind: bench.listener.local,
      clock: bench.clock,
      handlers: NO_HANDLERS,
    });
    await expect(again).rejects.toThrow(CopperlineError);
    await expect(again).rejects.toThrow(`127.0.0.1:${bench.listener.local.port} for SIP is taken`);
  });

  it('closes with peers that do not read and unfinished work', async () => {
    bench = await StreamBench.start({ lingerMs: 50 });
    const client = await bench.open();
    client.socket.pause();
    client.write(optionsText());
    const { flow } = await bench.message();
    for (let index = 0; index < 100; index++) flow.send(Buffer.alloc(9_000)).catch(() => undefined);
    const closing = bench.listener.close();
    await until(() => bench.clock.pending > 0 || bench.listener.size === 0);
    await bench.clock.advanceAsync(50);
    await closing;
  });
});
