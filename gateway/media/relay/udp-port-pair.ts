import { createSocket, type Socket } from 'node:dgram';
import { CopperlineError } from '../../kernel/errors.js';

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

/**
 * Our sockets only send to IP literals: answering at once spares each packet a trip through the
 * resolver's next tick.
 */
function literalLookup(
  hostname: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, hostname, 4);
}

/** Hands out pairs of ports, from a range in turn or wherever the system has room. */
export class UdpPortPairs {
  /** Pairs that are open. */
  open = 0;
  readonly #host: string;
  readonly #range: PortRange | undefined;
  #next: number;

  /** @param start a fraction 0 to 1 of the range to begin at, so that workers rarely try the same port */
  constructor(host: string, range: PortRange | undefined, start: number) {
    this.#host = host;
    this.#range = range;
    this.#next = range === undefined ? 0 : evenUp(range.min + start * (range.max - range.min));
  }

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE when no pair is free */
  async acquire(): Promise<UdpPortPair> {
    const pair =
      this.#range === undefined ? await this.#anyPair() : await this.#pairInRange(this.#range);
    if (pair === undefined) {
      const range = this.#range;
      const which = range === undefined ? 'free UDP ports' : `ports ${range.min} to ${range.max}`;
      throw new CopperlineError('CL_MEDIA_UNAVAILABLE', {
        sentence: `No pair of RTP ports could be opened on ${this.#host} (${which}).`,
      });
    }
    this.open += 1;
    return pair;
  }

  /** Idempotent per pair is the caller's duty. */
  release(pair: UdpPortPair): void {
    this.open -= 1;
    pair.rtp.close();
    pair.rtcp.close();
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
      const first = await bind(0, this.#host);
      if (first === undefined) return undefined;
      const port = first.address().port;
      const even = port % 2 === 0;
      const second = await bind(even ? port + 1 : port - 1, this.#host);
      if (second === undefined) first.close();
      else if (even) return { rtp: first, rtcp: second, port };
      else return { rtp: second, rtcp: first, port: port - 1 };
    }
    return undefined;
  }

  async #tryPair(port: number): Promise<UdpPortPair | undefined> {
    const rtp = await bind(port, this.#host);
    if (rtp === undefined) return undefined;
    const rtcp = await bind(port + 1, this.#host);
    if (rtcp !== undefined) return { rtp, rtcp, port };
    rtp.close();
    return undefined;
  }
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
      resolve(socket);
    });
  });
}
