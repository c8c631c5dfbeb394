import { isIP } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import type { HopTarget } from '../next-hop/next-hop.js';
import type { Listener, TransportProtocol } from '../transport/transport.js';
import type { FlowChoice } from './flow-choice.js';

/** RFC 3261 section 18.1.1: larger requests need a transport with congestion control. */
export const LARGE_REQUEST_BYTES = 1_300;

/** How long a peer is not asked again for TCP that it did not ask for, and how long it may take to answer. */
const TCP_REFUSED_MS = 10 * 60_000;
const TCP_ATTEMPT_MS = 2_000;
const MAX_REFUSING = 1_000;

interface Attempt extends HopTarget {
  /** TCP because of the size alone: a failure is expected, and remembered. */
  forSize: boolean;
}

/** Opens a flow to the first address of a list that can be reached. */
export class HopOpener {
  readonly #listeners: readonly Listener[];
  readonly #clock: Clock;
  /** Peers that refused TCP, and until when that is believed. */
  readonly #refusing = new Map<string, number>();

  constructor(listeners: readonly Listener[], clock: Clock) {
    this.#listeners = listeners;
    this.#clock = clock;
  }

  /**
   * @param large the request is too large for UDP: TCP is tried first, and UDP if that is refused (RFC 3261
   * section 18.1.1)
   */
  open(targets: readonly HopTarget[], large: boolean): Promise<FlowChoice> {
    const attempts = targets.flatMap((target): Attempt[] =>
      large && target.protocol === 'udp' && !this.#refuses(target)
        ? [
            { ...target, protocol: 'tcp', forSize: true },
            { ...target, forSize: false },
          ]
        : [{ ...target, forSize: false }],
    );
    return this.#openFrom(attempts, 0);
  }

  async #openFrom(attempts: readonly Attempt[], start: number): Promise<FlowChoice> {
    let why: string | undefined;
    for (const [index, attempt] of attempts.entries()) {
      if (index < start) continue;
      const listener = this.listenerFor(attempt.protocol, attempt.host);
      if (listener === undefined) continue;
      const { host, port, serverName, forSize } = attempt;
      const patience = forSize ? { connectTimeoutMs: TCP_ATTEMPT_MS } : {};
      try {
        const flow = await listener.flowTo({ host, port, serverName, ...patience });
        const rest = attempts.slice(index + 1);
        return { kind: 'flow', flow, next: this.#nextOf(attempt, rest) };
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        if (forSize) this.#remember(attempt);
      }
    }
    return { kind: 'failed', status: 503, reason: 'Service Unavailable', why };
  }

  #nextOf(
    done: Attempt,
    rest: readonly Attempt[],
  ): ((why: string) => Promise<FlowChoice>) | undefined {
    if (rest.length === 0) return undefined;
    return (why) => {
      const left =
        why === 'unavailable'
          ? rest.filter(({ host, port }) => host !== done.host || port !== done.port)
          : rest;
      return this.#openFrom(left, 0);
    };
  }

  /** Prefers a listener on the same side of the loopback as the target, an IP address. */
  listenerFor(protocol: TransportProtocol, host: string): Listener | undefined {
    const family = isIP(host);
    const fitting = this.#listeners.filter(
      (listener) =>
        listener.protocol === protocol && (family === 0 || isIP(listener.local.host) === family),
    );
    // A WebSocket listener without a socket of its own has a name for an address.
    const any = fitting.length > 0 ? fitting : this.#named(protocol);
    const loopback = isLoopback(host);
    return (
      any.find(({ local }) => local.host === host) ??
      any.find(({ local }) => isLoopback(local.host) === loopback) ??
      any[0]
    );
  }

  #named(protocol: TransportProtocol): Listener[] {
    return this.#listeners.filter(
      (listener) => listener.protocol === protocol && isIP(listener.local.host) === 0,
    );
  }

  #refuses({ host, port }: HopTarget): boolean {
    return (this.#refusing.get(`${host}|${port}`) ?? -Infinity) > this.#clock.monotonic();
  }

  #remember({ host, port }: HopTarget): void {
    this.#refusing.delete(`${host}|${port}`);
    this.#refusing.set(`${host}|${port}`, this.#clock.monotonic() + TCP_REFUSED_MS);
    if (this.#refusing.size <= MAX_REFUSING) return;
    const oldest = this.#refusing.keys().next();
    if (oldest.done !== true) this.#refusing.delete(oldest.value);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
