import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { literalLookup } from './literal-lookup.js';

export interface PortRange {
  min: number;
  max: number;
}

/** RTP on an even port, RTCP on the next one (RFC 3550 section 11). */
export interface UdpPortPair {
  rtp: Socket;
  rtcp: Socket;
  port: number;
}

const EPHEMERAL_ATTEMPTS = 50;

export interface UdpPortPairsOptions {
  host: string;
  /** Undefined: wherever the system has room. */
  range: PortRange | undefined;
  /** A fraction 0 to 1 of the range to begin at, so that workers rarely try the same port. */
  start: number;
  clock: Clock;
}

/** A call's last packets are on their way for less than this; its ports rest meanwhile. */
const QUARANTINE_MS = 5_000;

/**
 * Hands out pairs of ports. One that was used stays bound for a while, deaf: what is still sent to the call that is over must not reach
 * the next one, in this process or another. When nothing else is left the one that rested longest goes out again.
 */
export class UdpPortPairs {
  /** Pairs that are in use. */
  open = 0;
  readonly #options: UdpPortPairsOptions;
  /** In the order of their release. */
  readonly #resting = new Map<UdpPortPair, Timer>();
  #next: number;
  #closed = false;

  constructor(options: UdpPortPairsOptions) {
    const { range, start } = options;
    this.#options = options;
    this.#next = range === undefined ? 0 : evenUp(range.min + start * (range.max - range.min));
  }

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE when no pair is free */
  async acquire(): Promise<UdpPortPair> {
    const { host, range } = this.#options;
    const fresh = range === undefined ? await this.#anyPair() : await this.#pairInRange(range);
    const pair = fresh ?? this.#wake();
    if (pair === undefined) {
      const which = range === undefined ? 'free UDP ports' : `ports ${range.min} to ${range.max}`;
      throw new CopperlineError('CL_MEDIA_UNAVAILABLE', {
        sentence: `No pair of RTP ports could be opened on ${host} (${which}).`,
      });
    }
    this.open += 1;
    return pair;
  }

  /** Idempotent per pair is the caller's duty; nobody may listen on it any more. */
  release(pair: UdpPortPair): void {
    this.open -= 1;
    if (this.#closed) {
      closePair(pair);
      return;
    }
    const timer = this.#options.clock.setTimer(() => {
      this.#resting.delete(pair);
      closePair(pair);
    }, QUARANTINE_MS);
    this.#resting.set(pair, timer);
  }

  /** Nothing rests any longer. */
  close(): void {
    this.#closed = true;
    for (const [pair, timer] of this.#resting) {
      timer.cancel();
      closePair(pair);
    }
    this.#resting.clear();
  }

  #wake(): UdpPortPair | undefined {
    const [oldest] = this.#resting;
    if (oldest === undefined) return undefined;
    const [pair, timer] = oldest;
    timer.cancel();
    this.#resting.delete(pair);
    return pair;
  }

  async #pairInRange(range: PortRange): Promise<UdpPortPair | undefined> {
    const pairs = Math.floor((range.max - evenUp(range.min) + 1) / 2);
    for (let attempt = 0; attempt < pairs; attempt += 1) {
      if (this.#next + 1 > range.max) this.#next = evenUp(range.min);
      const port = this.#next;
      this.#next += 2;
      const pair = await this.#tryPair(port);
      if (pair !== undefined) return pair;
    }
    return undefined;
  }

  async #anyPair(): Promise<UdpPortPair | undefined> {
    for (let attempt = 0; attempt < EPHEMERAL_ATTEMPTS; attempt += 1) {
      const first = await bind(0, this.#options.host);
      if (first === undefined) return undefined;
      const port = first.address().port;
      const even = port % 2 === 0;
      const second = await bind(even ? port + 1 : port - 1, this.#options.host);
      if (second === undefined) first.close();
      else if (even) return { rtp: first, rtcp: second, port };
      else return { rtp: second, rtcp: first, port: port - 1 };
    }
    return undefined;
  }

  async #tryPair(port: number): Promise<UdpPortPair | undefined> {
    const rtp = await bind(port, this.#options.host);
    if (rtp === undefined) return undefined;
    const rtcp = await bind(port + 1, this.#options.host);
    if (rtcp !== undefined) return { rtp, rtcp, port };
    rtp.close();
    return undefined;
  }
}

function closePair({ rtp, rtcp }: UdpPortPair): void {
  rtp.close();
  rtcp.close();
}

function evenUp(port: number): number {
  return Math.ceil(port / 2) * 2;
}

function bind(port: number, host: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', lookup: literalLookup });
    const refuse = (): void => {
      socket.close();
      resolve(undefined);
    };
    socket.once('error', refuse);
    socket.bind(port, host, () => {
      socket.off('error', refuse);
      // ICMP errors of a peer that is not there yet, or any more: the media timeout decides.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
