import type { Clock, Timer } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { BencodeDictionary } from './bencode.js';
import { NgClient, type NgAddress } from './ng-client.js';
import { removeOrphans } from './orphans.js';

export interface DaemonSettings extends NgAddress {
  /** Share of the new calls, against the weights of the others; 0 takes calls only when no other can. */
  weight: number;
}

export interface DaemonOptions {
  settings: DaemonSettings;
  /** How often the daemon is asked whether it is there, ms. */
  pingMs: number;
  timeoutMs: number;
  /** Call ids of this gateway, and of this run of it. */
  names: { instance: string; run: string };
  log: Log;
  clock: Clock;
}

/** Requests without answer, one after the other, before a daemon counts as down. */
const SILENCES = 2;

/** One rtpengine of the pool and whether it is up. */
export class Daemon {
  readonly client: NgClient;
  readonly #options: DaemonOptions;
  readonly #down = new Set<() => void>();
  #timer: Timer | undefined;
  #silences = 0;
  #up = false;
  #closed = false;
  /** Calls that are open on it. */
  load = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { settings, timeoutMs, clock } = options;
    this.client = new NgClient({ address: settings, timeoutMs, clock });
  }

  get name(): string {
    return this.client.name;
  }

  get weight(): number {
    return this.#options.settings.weight;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Pings once, then again and again. Never rejects: a daemon that is down may come up later. */
  async start(): Promise<void> {
    await this.#ping();
    this.#schedule();
  }

  /** Calls back when the daemon goes down; returns the function that forgets the callback. */
  onDown(callback: () => void): () => void {
    this.#down.add(callback);
    return () => {
      this.#down.delete(callback);
    };
  }

  /** A request to the daemon did not come back; the next ping decides. */
  suspect(): void {
    if (this.#silences === 0) this.#silences = 1;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#up = false;
    this.client.close();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.setTimer(() => {
      void this.#ping().then(() => {
        this.#schedule();
      });
    }, this.#options.pingMs);
  }

  async #ping(): Promise<void> {
    try {
      const reply = await this.client.request('ping');
      this.#silences = 0;
      if (isPong(reply)) await this.#cameUp();
    } catch {
      this.#silences += 1;
      if (this.#up && this.#silences >= SILENCES) this.#wentDown();
    }
  }

  async #cameUp(): Promise<void> {
    if (this.#up || this.#closed) return;
    const { log, names } = this.#options;
    const removed = await removeOrphans(this.client, names);
    this.#up = !this.#isClosed();
    log.info({ daemon: this.name, orphans: removed }, 'rtpengine is up');
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #wentDown(): void {
    this.#up = false;
    this.#options.log.warn(
      { daemon: this.name },
      'rtpengine does not answer; no new calls go to it',
    );
    for (const callback of [...this.#down]) callback();
  }
}

function isPong(reply: BencodeDictionary): boolean {
  return reply['result'] === 'pong';
}
