import { BackOff } from './back-off.js';
import type { Timers } from './timers.js';

/** ICE servers that may be used for a while. */
export interface IceServerGrant {
  iceServers: RTCIceServer[];
  /** Seconds from now; left out: for good. */
  ttlSeconds?: number;
}

/** Fetches ICE servers; asked again before they expire. A rejection is tried again later, calls go without meanwhile. */
export type IceServerSource = () => Promise<IceServerGrant>;

const ANSWER_MS = 10_000;

/**
 * ICE servers of a Copperline gateway (`https://gateway.example/api/turn`), made for this user and for a while (TURN REST credentials).
 * Your page must be of the gateway's own origin, or in its `web.origins`.
 */
export function gatewayIceServers(options: {
  url: string;
  user: string;
  password: string;
}): IceServerSource {
  const { url, user, password } = options;
  return async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { Authorization: `Basic ${base64(`${user}:${password}`)}` },
      credentials: 'omit',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`ICE servers were refused with ${response.status}.`);
    return (await response.json()) as IceServerGrant;
  };
}

/** Names and passwords are Unicode, and btoa() takes bytes (RFC 7617 section 2.1). */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Renewed when so much of their time is over. */
const RENEW_AT = 0.75;
/** How long a call may wait for the first ones: without it may still find a way, and a caller does not wait for ever. */
const PATIENCE_MS = 3_000;

/** The ICE servers of calls, renewed before they expire from start() to stop(). */
export class IceServers {
  readonly #source: IceServerSource;
  readonly #timers: Timers;
  readonly #backOff = new BackOff();
  #known: RTCIceServer[] = [];
  #expiresAt = 0;
  #fetching: Promise<void> | undefined;
  #cancelRenewal: (() => void) | undefined;
  #running = false;

  constructor(servers: RTCIceServer[] | IceServerSource, timers: Timers) {
    this.#timers = timers;
    if (typeof servers === 'function') {
      this.#source = servers;
      return;
    }
    this.#source = () => Promise.resolve({ iceServers: servers });
    this.#take({ iceServers: servers });
  }

  /** What is known now, expired or not. */
  get known(): RTCIceServer[] {
    return this.#known;
  }

  /** The account is good: from now on they are kept fresh. */
  start(): void {
    this.#running = true;
    if (this.#stale) void this.#fetch();
  }

  stop(): void {
    this.#running = false;
    this.#cancelRenewal?.();
    this.#cancelRenewal = undefined;
  }

  /** Fresh ones, when they can be had in time. Never rejects. */
  async current(): Promise<RTCIceServer[]> {
    if (!this.#stale) return this.#known;
    let cancel: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#timers.after(PATIENCE_MS, resolve);
    });
    await Promise.race([this.#fetch(), patience]);
    cancel();
    return this.#known;
  }

  /** A page that slept is late with its timers, so the clock decides. */
  get #stale(): boolean {
    return this.#timers.now() >= this.#expiresAt;
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#source()
      .then(
        (grant) => {
          this.#backOff.reset();
          this.#take(grant);
        },
        () => {
          this.#renewIn(this.#backOff.next());
        },
      )
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }

  #take({ iceServers, ttlSeconds }: IceServerGrant): void {
    this.#known = iceServers;
    this.#expiresAt = Infinity;
    if (ttlSeconds === undefined) return;
    this.#expiresAt = this.#timers.now() + ttlSeconds * 1000;
    this.#renewIn(ttlSeconds * 1000 * RENEW_AT);
  }

  #renewIn(delayMs: number): void {
    this.#cancelRenewal?.();
    if (!this.#running) return;
    this.#cancelRenewal = this.#timers.after(delayMs, () => {
      void this.#fetch();
    });
  }
}
