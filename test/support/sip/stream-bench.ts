import { expect } from 'vitest';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import type { ConnectionLimits } from '../../../gateway/sip-server/transport/connection-limits.js';
import { listenStream } from '../../../gateway/sip-server/transport/stream-listener.js';
import type { Flow, Listener } from '../../../gateway/sip-server/transport/transport.js';
import { ManualClock, settle } from '../manual-clock.js';
import { openTcp, type StreamClient } from './stream-client.js';

type Got = { message: SipMessage; flow: Flow } | { why: string; flow: Flow };

/** A TCP listener on loopback under a clock that a test moves, and peers that connect to it. */
export class StreamBench {
  readonly clock: ManualClock;
  readonly listener: Listener;
  /** What came and was not asked for yet. */
  readonly got: Got[];
  readonly #waiting: ((one: Got) => void)[];
  readonly #clients: StreamClient[] = [];

  private constructor(parts: {
    listener: Listener;
    clock: ManualClock;
    got: Got[];
    waiting: ((one: Got) => void)[];
  }) {
    this.listener = parts.listener;
    this.clock = parts.clock;
    this.got = parts.got;
    this.#waiting = parts.waiting;
  }

  static async start(
    limits: Partial<ConnectionLimits> = {},
    host = '127.0.0.1',
  ): Promise<StreamBench> {
    const clock = new ManualClock();
    const got: Got[] = [];
    const waiting: ((one: Got) => void)[] = [];
    const push = (one: Got): void => {
      const waiter = waiting.shift();
      if (waiter === undefined) got.push(one);
      else waiter(one);
    };
    const listener = await listenStream({
      bind: { host, port: 0 },
      clock,
      limits,
      handlers: {
        onMessage: (message, flow) => {
          push({ message, flow });
        },
        onMalformed: (flow, why) => {
          push({ why, flow });
        },
      },
    });
    return new StreamBench({ listener, clock, got, waiting });
  }

  next(): Promise<Got> {
    const first = this.got.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async message(): Promise<{ message: SipMessage; flow: Flow }> {
    const one = await this.next();
    if (!('message' in one)) throw new Error(one.why);
    return one;
  }

  async open(): Promise<StreamClient> {
    const client = await openTcp(this.listener.local);
    this.#clients.push(client);
    return client;
  }

  /** Closes everything and checks that no connection and no timer is left. */
  async close(): Promise<void> {
    await this.listener.close();
    for (const client of this.#clients.splice(0)) await client.close();
    expect(this.listener.size).toBe(0);
    expect(this.clock.pending).toBe(0);
  }
}

/** Lets I/O happen until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle();
}
