import { CopperlineError } from '../../kernel/errors.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { BrowserPeerOptions } from './browser-peer.js';
import { BrowserWay } from './browser-way.js';
import { addCounters, NO_COUNTERS, type PeerCounters } from './peer-counters.js';

/**
 * The connections with one browser: one that carries the call, and at most one that takes its place when it is up.
 *
 *     standing ──another end──▶ standing + rising ──up──▶ standing
 */
export class BrowserWays {
  readonly #options: BrowserPeerOptions;
  #standing: BrowserWay;
  #rising: BrowserWay | undefined;
  /** Gave their place away, until they have been counted. */
  readonly #leaving = new Set<BrowserWay>();
  /** Of the connections that are gone. */
  #past: PeerCounters = NO_COUNTERS;
  /** The standing connection is lost, and another one is on its way. */
  #lost = false;
  #closed = false;

  constructor(options: BrowserPeerOptions) {
    this.#options = options;
    this.#standing = this.#open();
  }

  get connected(): boolean {
    return this.#standing.peer.connected;
  }

  /** Of those that are open. */
  get count(): number {
    return (this.#lost ? 0 : 1) + (this.#rising === undefined ? 0 : 1) + this.#leaving.size;
  }

  /** The one that the browser has agreed to last. */
  get latest(): BrowserWay {
    return this.#rising?.remote === undefined ? this.#standing : this.#rising;
  }

  /** The one that leads to the browser of an SDP: a new one for another end than those that are known. */
  towards(described: PeerDescription): BrowserWay {
    const standing = this.#standing;
    if (!this.#lost && (standing.remote === undefined || standing.leadsTo(described))) {
      // The browser takes its restart back, or was never gone.
      this.#stopRising();
      return standing;
    }
    if (this.#rising?.leadsTo(described) === true) return this.#rising;
    return this.rise();
  }

  /** Another one, to take the standing one's place; one that was rising before is given up. */
  rise(): BrowserWay {
    this.#stopRising();
    this.#rising = this.#open();
    return this.#rising;
  }

  /** The one that was offered and not answered yet. @throws CopperlineError CL_MEDIA_SDP_NO_OFFER */
  offered(): BrowserWay {
    if (this.#rising?.remote === undefined && this.#rising?.peer.awaitsAnswer === true)
      return this.#rising;
    const sentence = 'No offer was made anew to this browser.';
    throw new CopperlineError('CL_MEDIA_SDP_NO_OFFER', { sentence });
  }

  /** Does something with a connection; a rising one that it fails with is given up. */
  async attempt<Result>(way: BrowserWay, task: () => Promise<Result>): Promise<Result> {
    try {
      return await task();
    } catch (error) {
      if (way === this.#rising) this.#stopRising();
      throw error;
    }
  }

  startAnew(): void {
    this.#stopRising();
    this.#leave(this.#standing);
    this.#standing = this.#open();
  }

  say(samples: Int16Array, sampleRate: number): void {
    this.#standing.peer.say(samples, sampleRate);
  }

  async counters(): Promise<PeerCounters> {
    const now = await this.#standing.peer.counters();
    return this.#lost ? this.#past : addCounters(this.#past, now);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const way of [this.#standing, this.#rising, ...this.#leaving]) way?.peer.close();
    this.#rising = undefined;
    this.#leaving.clear();
  }

  #open(): BrowserWay {
    const { library, ports, onSound } = this.#options;
    return new BrowserWay({
      ...{ library, ports },
      onConnected: (way) => {
        this.#cameUp(way);
      },
      onFailed: (way, error) => {
        this.#failed(way, error);
      },
      onSound: (way, samples, sampleRate) => {
        if (way === this.#standing && way.peer.connected) onSound(samples, sampleRate);
      },
    });
  }

  #cameUp(way: BrowserWay): void {
    if (way === this.#rising) {
      this.#rising = undefined;
      const before = this.#standing;
      this.#standing = way;
      if (!this.#lost) this.#leave(before);
      this.#lost = false;
    }
    if (way === this.#standing) this.#options.onConnected();
  }

  #failed(way: BrowserWay, error: CopperlineError): void {
    if (way === this.#rising) {
      this.#stopRising();
      if (this.#lost) this.#options.onFailed(error);
    } else if (way === this.#standing) {
      if (this.#rising === undefined) this.#options.onFailed(error);
      else this.#lose(way);
    }
  }

  #lose(way: BrowserWay): void {
    this.#lost = true;
    this.#leave(way);
  }

  #leave(way: BrowserWay): void {
    this.#leaving.add(way);
    void way.peer.counters().then((last) => {
      if (!this.#leaving.delete(way)) return;
      this.#past = addCounters(this.#past, last);
      way.peer.close();
    });
  }

  #stopRising(): void {
    this.#rising?.peer.close();
    this.#rising = undefined;
  }
}
