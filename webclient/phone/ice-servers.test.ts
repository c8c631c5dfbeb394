import { describe, expect, it } from 'vitest';
import { IceServers, type IceServerGrant } from './ice-servers.js';
import type { Timers } from './timers.js';

/** Time that a test moves. */
class ManualTimers implements Timers {
  #now = 0;
  #waiting: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#waiting.length;
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#waiting.filter(({ at }) => at <= this.#now);
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
    await settle();
  }
}

/** Lets promises that are ready go on. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function turn(n: number): RTCIceServer {
  return { urls: 'turn:t.example', username: String(n), credential: 'x' };
}

/** Gives credentials of 100 s, numbered. */
function counting() {
  const timers = new ManualTimers();
  const asked = { times: 0, fail: false };
  const servers = new IceServers((): Promise<IceServerGrant> => {
    asked.times += 1;
    return asked.fail
      ? Promise.reject(new Error('no'))
      : Promise.resolve({ iceServers: [turn(asked.times)], ttlSeconds: 100 });
  }, timers);
  return { servers, timers, asked };
}

describe('IceServers', () => {
  it('of a list stay as they are', async () => {
    const timers = new ManualTimers();
    const list = [turn(1)];
    const servers = new IceServers(list, timers);
    servers.start();
    expect(servers.known).toBe(list);
    expect(await servers.current()).toBe(list);
    expect(timers.pending).toBe(0);
  });

  it('are fetched when the account is good, and renewed before they expire', async () => {
    const { servers, timers, asked } = counting();
    expect(asked.times).toBe(0);
    servers.start();
    await settle();
    expect(servers.known).toEqual([turn(1)]);
    await timers.advance(74_999);
    expect(asked.times).toBe(1);
    await timers.advance(1);
    expect(servers.known).toEqual([turn(2)]);
    servers.stop();
    expect(timers.pending).toBe(0);
  });

  it('that expired while the page slept are not used', async () => {
    const { servers, timers } = counting();
    servers.start();
    await settle();
    servers.stop();
    await timers.advance(100_000);
    expect(await servers.current()).toEqual([turn(2)]);
  });

  it('are asked for again after a failure, and a call goes without', async () => {
    const { servers, timers, asked } = counting();
    asked.fail = true;
    servers.start();
    await settle();
    expect(await servers.current()).toEqual([]);
    expect(asked.times).toBe(2);
    asked.fail = false;
    await timers.advance(4_000);
    expect(servers.known).toEqual([turn(3)]);
  });

  it('are waited for by a call, but not for ever', async () => {
    const timers = new ManualTimers();
    let give: (grant: IceServerGrant) => void = () => undefined;
    const servers = new IceServers(() => new Promise((resolve) => (give = resolve)), timers);
    const first = servers.current();
    await timers.advance(3_000);
    expect(await first).toEqual([]);
    const second = servers.current();
    give({ iceServers: [turn(1)] });
    expect(await second).toEqual([turn(1)]);
    expect(timers.pending).toBe(0);
  });
});
