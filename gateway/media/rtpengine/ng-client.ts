import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { newToken } from '../../kernel/ids.js';
import { type BencodeDictionary, decodeDictionary, encode } from './bencode.js';

/**
 * rtpengine's ng control protocol over UDP: a cookie, a space, a bencoded dictionary.
 *
 * A client of our own: the one on npm (rtpengine-client) has no types, no retransmission, no timeout by an
 * injected clock and no way to cancel, and brings an outdated WebSocket library for a transport not used here.
 */
export interface NgAddress {
  host: string;
  port: number;
}

export interface NgClientOptions {
  address: NgAddress;
  /** A request that is not answered for this long fails, ms. */
  timeoutMs: number;
  clock: Clock;
}

export interface NgRequestOptions {
  signal?: AbortSignal;
  /** Instead of the client's, ms. */
  timeoutMs?: number;
}

interface Waiting {
  settle: (outcome: BencodeDictionary | Error) => void;
}

/** The first repetition; each further one waits twice as long. rtpengine answers a repeated cookie from memory. */
const FIRST_REPEAT_MS = 200;

export class NgClient {
  readonly #options: NgClientOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #prefix = newToken(6);
  #socket: Socket | undefined;
  #last = 0;
  #closed = false;

  constructor(options: NgClientOptions) {
    this.#options = options;
  }

  get name(): string {
    const { host, port } = this.#options.address;
    return `${host}:${port}`;
  }

  /**
   * The daemon's reply, whose `result` is not `error`.
   * @throws CopperlineError CL_MEDIA_RTPENGINE_SILENT, CL_MEDIA_RTPENGINE_REFUSED; the signal's reason
   */
  async request(
    command: string,
    fields: BencodeDictionary = {},
    options: NgRequestOptions = {},
  ): Promise<BencodeDictionary> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw this.#silent(command, 'its client is closed');
    this.#last += 1;
    const cookie = `${this.#prefix}${this.#last}`;
    const datagram = Buffer.concat([Buffer.from(`${cookie} `), encode({ command, ...fields })]);
    const reply = await this.#exchange({ command, cookie, datagram }, options);
    const { result, 'error-reason': reason } = reply;
    if (result !== 'error' && result !== 'load limit') return reply;
    throw new CopperlineError('CL_MEDIA_RTPENGINE_REFUSED', {
      sentence: `The rtpengine at ${this.name} refused "${command}": ${printable(reason ?? result)}.`,
    });
  }

  /** Idempotent. Requests that wait fail. */
  close(): void {
    this.#closed = true;
    for (const { settle } of [...this.#waiting.values()])
      settle(this.#silent('request', 'its client was closed'));
    this.#socket?.close();
    this.#socket = undefined;
  }

  #exchange(
    request: { command: string; cookie: string; datagram: Buffer },
    { signal, timeoutMs = this.#options.timeoutMs }: NgRequestOptions,
  ): Promise<BencodeDictionary> {
    const { clock } = this.#options;
    const { command, cookie, datagram } = request;
    return new Promise((resolve, reject) => {
      let repeat: Timer | undefined;
      const settle = (outcome: BencodeDictionary | Error): void => {
        this.#waiting.delete(cookie);
        deadline.cancel();
        repeat?.cancel();
        signal?.removeEventListener('abort', abort);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const abort = (): void => {
        const reason: unknown = signal?.reason;
        settle(reason instanceof Error ? reason : new Error('aborted'));
      };
      const send = (nextMs: number): void => {
        this.#send(datagram);
        repeat = clock.setTimer(() => {
          send(nextMs * 2);
        }, nextMs);
      };
      const deadline = clock.setTimer(() => {
        settle(this.#silent(command, `no answer for ${timeoutMs / 1000} s`));
      }, timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(cookie, { settle });
      send(FIRST_REPEAT_MS);
    });
  }

  #send(datagram: Buffer): void {
    const { host, port } = this.#options.address;
    this.#socket ??= this.#open();
    // A lost datagram and one that could not leave are the same to us: it is repeated, then given up.
    this.#socket.send(datagram, port, host, () => undefined);
  }

  #open(): Socket {
    const socket = createSocket(isIPv6(this.#options.address.host) ? 'udp6' : 'udp4');
    socket.on('error', () => undefined);
    socket.on('message', (datagram) => {
      this.#receive(datagram);
    });
    socket.unref();
    return socket;
  }

  /** Cookies are random, so that a stranger's datagram answers nothing. */
  #receive(datagram: Buffer): void {
    const space = datagram.indexOf(' ');
    if (space < 0) return;
    const waiting = this.#waiting.get(datagram.toString('latin1', 0, space));
    if (waiting === undefined) return;
    const reply = decodeDictionary(datagram.subarray(space + 1));
    if (reply !== undefined) waiting.settle(reply);
  }

  #silent(command: string, why: string): CopperlineError {
    return new CopperlineError('CL_MEDIA_RTPENGINE_SILENT', {
      sentence: `The rtpengine at ${this.name} did not answer "${command}": ${why}.`,
    });
  }
}

function printable(value: unknown): string {
  const text = typeof value === 'string' ? value : 'no reason given';
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
