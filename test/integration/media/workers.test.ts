import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { audio, closeOpened, openSession, placeCall, sendInStep } from '../../support/media-rig.js';
import { openRelay } from '../../support/relay-on-loopback.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('media workers', () => {
  afterEach(closeOpened);

  it('share the load and die alone', async () => {
    const engine = await openRelay({ workers: 2 });
    const calls = [await placeCall(engine), await placeCall(engine)];
    const [first = 0] = engine.workerPids();
    process.kill(first, 'SIGKILL');
    const dead = await Promise.race(
      calls.map((call) => call.events.failures.waitFor(1).then(() => call)),
    );
    const alive = calls.find((call) => call !== dead);
    expect(dead.events.failures.items[0]?.code).toBe('CL_MEDIA_WORKER_DIED');
    expect((await alive?.session.statistics())?.caller.codec).toBe('pcmu');
    expect(alive?.events.failures.items).toHaveLength(0);
    await expect.poll(async () => (await engine.counts()).workers, { timeout: 10_000 }).toBe(2);
    await closeOpened();
    await engine.close();
  });

  it('open calls at the same moment on different workers', async () => {
    const engine = await openRelay({ workers: 2 });
    const pids = engine.workerPids();
    const sessions = await Promise.all([openSession(engine), openSession(engine)]);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await expect
      .poll(async () => {
        const asked = await Promise.allSettled(sessions.map((session) => session.statistics()));
        return asked.filter((result) => result.status === 'fulfilled').length;
      })
      .toBe(1);
    await closeOpened();
    await engine.close();
  });

  it('tell how they are, count their restarts, and carry the next call after one', async () => {
    const engine = await openRelay({ workers: 2 });
    await placeCall(engine);
    const before = (await engine.workerHealth?.()) ?? [];
    expect(before.map(({ up, restarts }) => [up, restarts])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    expect(before.map(({ sessions }) => sessions).toSorted()).toEqual([0, 1]);
    for (const { memoryBytes, eventLoopDelayMs } of before) {
      expect(memoryBytes).toBeGreaterThan(1e7);
      expect(eventLoopDelayMs.p99).toBeLessThanOrEqual(eventLoopDelayMs.max);
    }
    for (const pid of engine.workerPids()) process.kill(pid, 'SIGKILL');
    await expect
      .poll(
        async () => (await engine.workerHealth?.())?.map(({ up, restarts }) => [up, restarts]),
        {
          timeout: 15_000,
        },
      )
      .toEqual([
        [true, 1],
        [true, 1],
      ]);
    const next = await placeCall(engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await sendInStep(audio(3, run), next.browser, next.carrier);
    await closeOpened();
    await engine.close();
  });

  it('end when their gateway is killed', async () => {
    const path = fileURLToPath(new URL('../../support/media-engine-parent.ts', import.meta.url));
    const parent = fork(path, [], { execArgv: ['--import', 'tsx'] });
    const [pids] = (await once(parent, 'message')) as [number[]];
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
  });

  it('end when the engine closes', async () => {
    const engine = await openRelay();
    const pids = engine.workerPids();
    await openSession(engine);
    await engine.close();
    await expect.poll(() => pids.some(isAlive), { timeout: 10_000 }).toBe(false);
  });

  it('say in one sentence that the port for browsers is taken', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    await expect(openRelay({ browser: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${port}, cannot be used`) as string,
    });
    taken.close();
  });
});
