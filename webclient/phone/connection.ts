import { UserAgentState, type UserAgent } from 'sip.js';
import { BackOff } from './back-off.js';
import { failureOf } from './failure.js';
import type { ConnectionState } from './phone-types.js';
import type { Timers } from './timers.js';

export interface ConnectionOptions {
  userAgent: UserAgent;
  timers: Timers;
  onState: (state: ConnectionState) => void;
  /** The browser says that the network is another one now, or is back, while the WebSocket looks open. */
  onNetwork: () => void;
}

/** Chromium on telephones tells of another network by this alone. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Keeps the WebSocket up: opens it, and opens it again after growing, jittered delays when it fails. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backOff = new BackOff();
  #wanted = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    options.userAgent.delegate = {
      ...options.userAgent.delegate,
      onConnect: () => {
        this.#backOff.reset();
        options.onState({ name: 'connected' });
      },
      onDisconnect: () => {
        this.#retryLater();
      },
    };
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    globalThis.addEventListener('online', this.#networkChanged);
    networkInformation()?.addEventListener('change', this.#networkChanged);
    this.#attempt();
  }

  /** Gives up a WebSocket that nothing comes through any more, and opens a new one. */
  renew(): void {
    if (!this.#wanted) return;
    this.#disconnect();
    this.#retryLater();
  }

  close(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    globalThis.removeEventListener('online', this.#networkChanged);
    networkInformation()?.removeEventListener('change', this.#networkChanged);
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#disconnect();
    this.#options.onState({ name: 'disconnected' });
  }

  #disconnect(): void {
    this.#options.userAgent.transport.disconnect().catch(() => {
      // It was closing already.
    });
  }

  #attempt(): void {
    this.#options.onState({ name: 'connecting' });
    const { userAgent } = this.#options;
    const connected =
      userAgent.state === UserAgentState.Stopped ? userAgent.start() : userAgent.reconnect();
    connected.catch(() => {
      this.#retryLater();
    });
  }

  #retryLater(): void {
    if (!this.#wanted || this.#cancelRetry !== undefined) return;
    const delayMs = this.#backOff.next();
    this.#cancelRetry = this.#options.timers.after(delayMs, this.#retryNow);
    this.#options.onState({
      name: 'waiting',
      retryAt: this.#options.timers.now() + delayMs,
      failure: failureOf('server-unreachable'),
    });
  }

  readonly #networkChanged = (): void => {
    // A network that goes is told of as well.
    if (!navigator.onLine) return;
    if (this.#cancelRetry !== undefined) this.#retryNow();
    else this.#options.onNetwork();
  };

  readonly #retryNow = (): void => {
    if (this.#cancelRetry === undefined) return;
    this.#cancelRetry();
    this.#cancelRetry = undefined;
    this.#attempt();
  };
}

function networkInformation(): NetworkInformation | undefined {
  return (navigator as { connection?: NetworkInformation }).connection;
}
