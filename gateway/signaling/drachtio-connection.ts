import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import { delay, type Clock } from '../kernel/clock.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import { TypedEvents } from '../kernel/typed-events.js';
import { createSrf, type WireSrf } from './drachtio-wire.js';

export interface SipServerAddress {
  host: string;
  port: number;
  secret: Secret;
  tls?: ConnectionOptions | undefined;
}

/** The name under which request handlers of the SIP server find the gateway among other applications. */
const TAG = 'copperline';

/** One connection to the SIP server, from its authentication to its end. */
export interface SipLink {
  readonly srf: WireSrf;
  /** Aborted with CL_SIP_SERVER_UNREACHABLE when the connection is gone; every dialog on it is then gone too. */
  readonly lost: AbortSignal;
}

export type DrachtioConnectionEvents = {
  up: [SipLink];
  /** The connection was lost; the sentence says how. Another attempt follows unless it was closed. */
  down: [sentence: string];
};

export interface DrachtioConnectionOptions {
  server: SipServerAddress;
  clock: Clock;
  log: Log;
  /** Installs the handlers of SIP requests; called for each new connection before it is opened. */
  prepare(link: SipLink): void;
}

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;
/** From the start of a connection attempt to the answer to its `authenticate`. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/**
 * The connection to the SIP server, kept up.
 *
 *     idle ──start──▶ connecting ──authenticated──▶ up ──lost──▶ waiting ──back-off──▶ connecting
 *     any ──close──▶ closed
 *
 * drachtio-srf reconnects by itself, but with timers of its own, without TLS, and for ever at full speed when the secret
 * is wrong; so each attempt is a new Srf that may connect once, and the back-off is ours.
 */
export class DrachtioConnection {
  readonly events: TypedEvents<DrachtioConnectionEvents>;
  readonly #options: DrachtioConnectionOptions;
  readonly #closing = new AbortController();
  #link: SipLink | undefined;
  #running: Promise<void> | undefined;

  constructor(options: DrachtioConnectionOptions) {
    this.#options = options;
    this.events = new TypedEvents((error) => {
      options.log.error({ err: error }, 'a listener of the SIP server connection failed');
    });
  }

  /** The connection in use; undefined while there is none. */
  get link(): SipLink | undefined {
    return this.#link;
  }

  /** @throws CopperlineError CL_SIP_SERVER_UNREACHABLE while there is no connection */
  requireLink(): SipLink {
    if (this.#link === undefined) throw this.#unreachable('There is no connection to it now');
    return this.#link;
  }

  /**
   * Connects; afterwards the connection is kept up until close().
   * @throws CopperlineError CL_SIP_SERVER_UNREACHABLE or CL_SIP_SERVER_REFUSED when the first attempt fails
   */
  async start(): Promise<void> {
    const link = await this.#attempt();
    this.#running = this.#keepUp(link);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(this.#unreachable('The gateway is closing the connection'));
    await this.#running;
    this.events.removeAll();
  }

  async #keepUp(first: SipLink): Promise<void> {
    let link: SipLink | undefined = first;
    let wait = FIRST_DELAY_MS;
    while (!this.#closing.signal.aborted) {
      if (link !== undefined) {
        wait = FIRST_DELAY_MS;
        await this.#useUntilLost(link);
      }
      if (this.#isClosing()) return;
      await delay(this.#options.clock, wait, this.#closing.signal).catch(() => undefined);
      wait = Math.min(wait * 2, MAX_DELAY_MS);
      if (this.#isClosing()) return;
      link = await this.#attempt().catch((thrown: unknown) => {
        const { code, sentence } = toCopperlineError(thrown, 'CL_SIP_SERVER_UNREACHABLE');
        this.#options.log.warn({ code, sentence, nextAttemptInMs: wait }, 'SIP server');
        return undefined;
      });
    }
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #useUntilLost(link: SipLink): Promise<void> {
    const closing = this.#closing.signal;
    await aborted(link.lost);
    this.#link = undefined;
    const { sentence } = toCopperlineError(link.lost.reason, 'CL_SIP_SERVER_UNREACHABLE');
    if (!closing.aborted) this.#options.log.warn({ sentence }, 'SIP server connection lost');
    this.events.emit('down', sentence);
  }

  /** One connection attempt. Resolves when the SIP server accepted the secret. */
  async #attempt(): Promise<SipLink> {
    const { server, clock } = this.#options;
    const srf = createSrf();
    const lost = new AbortController();
    // Every dialog and every open INVITE listens to it.
    setMaxListeners(0, lost.signal);
    const link: SipLink = { srf, lost: lost.signal };
    this.#options.prepare(link);
    await new Promise<void>((resolve, reject) => {
      const onClosing = (): void => {
        disconnectQuietly(srf);
        fail(this.#unreachable('The gateway is closing the connection'));
      };
      this.#closing.signal.addEventListener('abort', onClosing, { once: true });
      const fail = (error: CopperlineError): void => {
        this.#closing.signal.removeEventListener('abort', onClosing);
        timeout.cancel();
        lost.abort(error);
        reject(error);
      };
      const timeout = clock.setTimer(() => {
        disconnectQuietly(srf);
        fail(this.#unreachable(`It did not answer within ${ATTEMPT_TIMEOUT_MS} ms`));
      }, ATTEMPT_TIMEOUT_MS);
      srf.on('connect', (error) => {
        if (error === null && !lost.signal.aborted) {
          timeout.cancel();
          resolve();
          return;
        }
        disconnectQuietly(srf);
        if (error !== null) fail(this.#refused());
      });
      srf.on('error', (error) => {
        fail(this.#unreachable(error instanceof Error ? error.message : String(error)));
      });
      srf.on('close', () => {
        fail(this.#unreachable('The connection was closed'));
      });
      srf.connect({
        ...{ host: server.host, port: server.port, secret: server.secret.reveal() },
        tags: [TAG],
        reconnect: { maxAttempts: 1 },
        ...(server.tls === undefined ? {} : { tls: server.tls }),
      });
    });
    this.#link = link;
    this.events.emit('up', link);
    return link;
  }

  #unreachable(what: string): CopperlineError {
    const { host, port } = this.#options.server;
    return new CopperlineError('CL_SIP_SERVER_UNREACHABLE', {
      sentence: `The SIP server at ${host}:${port} cannot be used: ${what}.`,
    });
  }

  #refused(): CopperlineError {
    const { host, port } = this.#options.server;
    return new CopperlineError('CL_SIP_SERVER_REFUSED', {
      sentence: `The SIP server at ${host}:${port} did not accept the secret.`,
    });
  }
}

/** drachtio-srf throws on disconnect when its socket is already gone. */
function disconnectQuietly(srf: WireSrf): void {
  try {
    srf.disconnect();
  } catch {
    // Nothing to disconnect.
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
