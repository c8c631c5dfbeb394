import { isIP } from 'node:net';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { HostLookup, TrunkPlace } from './host-lookup.js';

export interface TrunkAddressesOptions {
  lookup: HostLookup;
  clock: Clock;
  log: Log;
}

/** How long an answer of DNS is used. Carriers change addresses with days of notice; a new server is found within a minute. */
const REFRESH_MS = 60_000;

interface Watched {
  place: TrunkPlace;
  addresses: ReadonlySet<string>;
  failed: boolean;
}

/**
 * The addresses behind the host names that may call us, kept up to date. A name that DNS does not answer for keeps the
 * addresses that it had.
 */
export class TrunkAddresses {
  readonly #options: TrunkAddressesOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #closing = new AbortController();
  #timer: Timer | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: TrunkAddressesOptions) {
    this.#options = options;
  }

  /** Call before start(). */
  watch(place: TrunkPlace): void {
    const literal = isIP(place.host) === 0 ? [] : [place.host];
    this.#watched.set(keyOf(place), { place, addresses: new Set(literal), failed: false });
  }

  has(place: TrunkPlace, address: string): boolean {
    return this.#watched.get(keyOf(place))?.addresses.has(address) ?? false;
  }

  /** DNS has not yet answered for some name: whose address one is cannot be told. */
  get incomplete(): boolean {
    return [...this.#watched.values()].some(({ addresses }) => addresses.size === 0);
  }

  /** Resolves after the first round of questions. */
  start(): Promise<void> {
    this.#refreshing = this.#refresh();
    return this.#refreshing;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const names = [...this.#watched.values()].filter(({ place }) => isIP(place.host) === 0);
    await Promise.all(names.map((watched) => this.#ask(watched)));
    if (names.length === 0 || this.#closing.signal.aborted) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#refreshing = this.#refresh();
    }, REFRESH_MS);
  }

  async #ask(watched: Watched): Promise<void> {
    const { signal } = this.#closing;
    try {
      watched.addresses = new Set(await this.#options.lookup(watched.place, signal));
      watched.failed = false;
    } catch (error) {
      if (signal.aborted || watched.failed) return;
      watched.failed = true;
      const sentence = error instanceof Error ? error.message : String(error);
      this.#options.log.warn({ host: watched.place.host, sentence }, 'a trunk’s host name');
    }
  }
}

const keyOf = ({ host, port, transport }: TrunkPlace): string =>
  `${host.toLowerCase()}|${port ?? ''}|${transport}`;
