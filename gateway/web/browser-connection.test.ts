import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { settle } from '../../test/support/manual-clock.js';
import type { ScriptedUplink } from '../../test/support/scripted-uplinks.js';
import { closeOf, startWebBench, type WebBench } from '../../test/support/web-bench.js';
import { CopperlineError } from '../kernel/errors.js';

let bench: WebBench;
beforeEach(async () => {
  bench = await startWebBench();
});
afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

/** A browser that has spoken once. */
async function talking(): Promise<{ socket: WebSocket; uplink: ScriptedUplink }> {
  const socket = bench.browser();
  await once(socket, 'open');
  socket.send('first');
  const uplink = await bench.uplinks.uplink();
  await uplink.received(1);
  return { socket, uplink };
}

/** Resolves when the server has read everything that the client wrote before. */
async function roundTrip(socket: WebSocket): Promise<void> {
  socket.ping();
  await once(socket, 'pong');
}

describe('frames', () => {
  it('go to the SIP server as they came, text or binary, garbage too', async () => {
    const { socket, uplink } = await talking();
    socket.send(Buffer.from([0, 255, 254]));
    socket.send('{"json": true}');
    socket.send('');
    socket.send('last');
    expect(await uplink.received(4)).toEqual(['first', '\u0000ÿþ', '{"json": true}', 'last']);
  });

  it('go to the browser as text, or as binary when they are no UTF-8', async () => {
    const { socket, uplink } = await talking();
    const received: [Buffer, boolean][] = [];
    socket.on('message', (data: Buffer, binary) => received.push([data, binary]));
    uplink.handlers.onFrame(Buffer.from('SIP/2.0 200 Ök'));
    uplink.handlers.onFrame(Buffer.from([0xc3, 0x28]));
    await roundTrip(socket);
    expect(received).toEqual([
      [Buffer.from('SIP/2.0 200 Ök'), false],
      [Buffer.from([0xc3, 0x28]), true],
    ]);
  });

  it('wait while the SIP server has not taken the browser yet', async () => {
    let open = (): void => undefined;
    bench.uplinks.gate = new Promise((resolve) => (open = resolve));
    const socket = bench.browser();
    await once(socket, 'open');
    socket.send('a');
    socket.send('b');
    // Both ends are in this process: after so many turns of the loop the frames are there.
    for (let turn = 0; turn < 50; turn++) await settle();
    open();
    const uplink = await bench.uplinks.uplink();
    expect(await uplink.received(2)).toEqual(['a', 'b']);
  });
});

describe('a browser that misbehaves', () => {
  it('is closed with 1008 when it never speaks', async () => {
    const socket = bench.browser();
    await once(socket, 'open');
    await bench.uplinks.uplink();
    await roundTrip(socket);
    bench.clock.advance(9_999);
    expect(bench.web.counts().connections).toBe(1);
    bench.clock.advance(1);
    expect(await closeOf(socket)).toEqual({
      code: 1008,
      reason: 'No SIP message came within 10 s.',
    });
  });

  it.each(['message', 'ping', 'pong'] as const)(
    'is closed with 1008 when it floods with %s frames',
    async (kind) => {
      const { socket, uplink } = await talking();
      for (let i = 0; i < 50; i++) {
        if (kind === 'message') socket.send(`flood ${i}`);
        else socket[kind]();
      }
      expect(await closeOf(socket)).toEqual({
        code: 1008,
        reason: 'More than 10 messages per second.',
      });
      expect(uplink.frames.length).toBeLessThanOrEqual(20);
      expect(uplink.closed).toBe(true);
    },
  );

  it('may send at the allowed rate for as long as it likes', async () => {
    const { socket, uplink } = await talking();
    for (let i = 2; i < 60; i++) {
      bench.clock.advance(100);
      socket.send('steady');
      await uplink.received(i);
    }
    expect(bench.web.counts().connections).toBe(1);
  });

  it('is closed with 1009 for a frame that is too long', async () => {
    const { socket, uplink } = await talking();
    socket.send('x'.repeat(4_096));
    await uplink.received(2);
    socket.send('x'.repeat(4_097));
    expect(await closeOf(socket)).toMatchObject({ code: 1009 });
    expect(uplink.frames).toHaveLength(2);
  });

  it('is closed with 1007 for text that is no UTF-8', async () => {
    const { socket } = await talking();
    socket.send(Buffer.from([0xff, 0xff]), { binary: false });
    expect(await closeOf(socket)).toMatchObject({ code: 1007 });
  });

  it('is closed when it does not read, and destroyed when it does not read that either', async () => {
    const { socket, uplink } = await talking();
    const flow = bench.web.flows.find(uplink.flowKey);
    socket.pause();
    const frame = Buffer.alloc(32_768, 'x');
    for (let i = 0; i < 10_000 && flow?.closed.aborted === false; i++) {
      uplink.handlers.onFrame(frame);
      await settle();
    }
    expect(flow?.closed.aborted).toBe(true);
    expect(flow?.closed.reason).toMatchObject({ code: 'CL_WEB_SLOW_READER' });
    expect(uplink.closed).toBe(true);
    expect(bench.web.counts()).toEqual({ connections: 1, flows: 0, visits: 0 });
    bench.clock.advance(2_000);
    socket.resume();
    await closeOf(socket);
  });
});

describe('a browser that vanishes', () => {
  it('is forgotten when its socket breaks', async () => {
    const { socket, uplink } = await talking();
    const flow = bench.web.flows.find(uplink.flowKey);
    socket.terminate();
    await uplink.untilClosed();
    expect(flow?.closed.aborted).toBe(true);
    expect(bench.web.flows.find(uplink.flowKey)).toBeUndefined();
    uplink.handlers.onClosed('The SIP server has noticed, too.');
  });

  it('is forgotten when it does not answer a ping', async () => {
    const { socket, uplink } = await talking();
    const flow = bench.web.flows.find(uplink.flowKey);
    socket.pause();
    bench.clock.advance(25_000);
    bench.clock.advance(4_999);
    expect(uplink.closed).toBe(false);
    bench.clock.advance(1);
    await uplink.untilClosed();
    expect(flow?.closed.reason).toMatchObject({
      code: 'CL_WEB_PING_TIMEOUT',
      sentence: 'The browser did not answer a ping within 5 s.',
    });
    while (bench.web.counts().connections > 0) await settle();
  });

  it('stays as long as it answers pings', async () => {
    const { socket } = await talking();
    for (let i = 0; i < 5; i++) {
      const pinged = once(socket, 'ping');
      bench.clock.advance(25_000);
      await pinged;
      await roundTrip(socket);
    }
    expect(bench.web.counts()).toEqual({ connections: 1, flows: 1, visits: 0 });
  });

  it('leaves nothing when it goes before the SIP server has taken it', async () => {
    let open = (): void => undefined;
    bench.uplinks.gate = new Promise((resolve) => (open = resolve));
    const socket = bench.browser();
    await once(socket, 'open');
    socket.terminate();
    open();
    const uplink = await bench.uplinks.uplink();
    await uplink.untilClosed();
  });
});

describe('the SIP server', () => {
  it('that refuses a browser which is already gone leaves nothing', async () => {
    let refuse = (_error: Error): void => undefined;
    bench.uplinks.gate = new Promise((_resolve, reject) => (refuse = reject));
    const socket = bench.browser();
    await once(socket, 'open');
    const closed = closeOf(socket);
    bench.clock.advance(10_000);
    await closed;
    while (bench.web.counts().connections > 0) await settle();
    refuse(new Error('too late'));
    await settle();
    expect(bench.clock.pending).toBe(0);
  });

  it('that cannot be reached closes the browser with 1011 and its sentence', async () => {
    const sentence = 'The SIP server at ws://10.0.0.5:5070 is not available: ECONNREFUSED.';
    const refused = Promise.reject(new CopperlineError('CL_SIP_SERVER_UNREACHABLE', { sentence }));
    refused.catch(() => undefined);
    bench.uplinks.gate = refused;
    expect(await closeOf(bench.browser())).toEqual({ code: 1011, reason: sentence });
  });

  it('that never answers closes the browser with 1011', async () => {
    let open = (): void => undefined;
    bench.uplinks.gate = new Promise((resolve) => (open = resolve));
    const socket = bench.browser();
    await once(socket, 'open');
    bench.clock.advance(10_000);
    expect(await closeOf(socket)).toEqual({
      code: 1011,
      reason: 'The SIP server did not take the connection within 10 s.',
    });
    open();
    await (await bench.uplinks.uplink()).untilClosed();
  });

  it('that closes the connection closes the browser with 1012', async () => {
    const { socket, uplink } = await talking();
    uplink.handlers.onClosed('The SIP server restarts.');
    expect(await closeOf(socket)).toEqual({ code: 1012, reason: 'The SIP server restarts.' });
  });

  it('that throws costs one connection only', async () => {
    const { socket, uplink } = await talking();
    uplink.send = () => {
      throw new Error('a bug');
    };
    socket.send('x');
    expect(await closeOf(socket)).toMatchObject({ code: 1011, reason: 'a bug' });
  });

  it('may say more than fits into a close frame', async () => {
    const { socket, uplink } = await talking();
    uplink.handlers.onClosed('ö'.repeat(200));
    expect(await closeOf(socket)).toEqual({ code: 1012, reason: 'ö'.repeat(61) });
  });
});

describe('shutdown', () => {
  it('closes every browser with 1001, and takes no more', async () => {
    const { socket } = await talking();
    const closed = closeOf(socket);
    await bench.web.close();
    expect(await closed).toEqual({ code: 1001, reason: 'The gateway is being stopped.' });
    await expect(fetch(bench.web.url)).rejects.toThrow();
  });

  it('does not wait for a browser that does not answer', async () => {
    const { socket } = await talking();
    socket.pause();
    const closing = bench.web.close();
    bench.clock.advance(2_000);
    await closing;
  });
});
