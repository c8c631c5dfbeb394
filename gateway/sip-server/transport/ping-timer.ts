import type { Clock } from '../../kernel/clock.js';
import type { ConnectionLimits } from './connection-limits.js';
import { Deadline } from './deadline.js';
import type { StreamFramer } from './stream-framer.js';

const PING: Buffer = Buffer.from('\r\n\r\n');

export interface PingTimerOptions {
  clock: Clock;
  limits: Readonly<ConnectionLimits>;
  flow: { send(bytes: Buffer): Promise<void>; end(sentence: string): void };
  framer: StreamFramer;
}

/** Pings on a connection that we opened (RFC 5626 section 4.4.1): they keep a NAT open and find a dead peer. */
export class PingTimer {
  readonly #options: PingTimerOptions;
  readonly #next: Deadline;
  readonly #answer: Deadline;
  #running = false;

  constructor(options: PingTimerOptions) {
    this.#options = options;
    this.#next = new Deadline(options.clock, () => {
      this.#ping();
    });
    this.#answer = new Deadline(options.clock, () => {
      options.flow.end('The peer did not answer a ping.');
    });
  }

  start(openedBy: 'us' | 'peer'): void {
    const { pingMs } = this.#options.limits;
    this.#running = pingMs > 0 && openedBy === 'us';
    if (this.#running) this.#next.set(pingMs);
  }

  /** Something came from the peer. */
  alive(): void {
    if (this.#running) this.#answer.clear();
  }

  stop(): void {
    this.#running = false;
    this.#next.clear();
    this.#answer.clear();
  }

  #ping(): void {
    const { flow, framer, limits } = this.#options;
    framer.expectPong();
    this.#answer.set(limits.pongMs);
    this.#next.set(limits.pingMs);
    // A failed write closes the connection, which ends this timer too.
    flow.send(PING).catch(() => undefined);
  }
}
