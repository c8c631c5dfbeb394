import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { CertificateFiles } from '../../../gateway/sip-server/transport/tls-keys.js';
import { SeededRandom } from './seeded-random.js';

/** How long TCP waits before it sends a lost segment again, at least (RFC 6298 section 2.4; Linux: 200 ms). */
const RETRANSMIT_MS = 200;

export interface ForwarderOptions {
  to: { port: number; tls: boolean };
  /** With it the forwarder itself speaks TLS. */
  certificate?: CertificateFiles | undefined;
  /**
   * Of a hundred segments, so many are lost on the way. SIP over TCP never sees that: what it sees are segments, and all
   * behind them, that come late and in odd pieces.
   */
  lost?: number;
  seed?: number;
}

/** Carries connections to a port of the loopback, from TCP to TLS or back, over a network that may lose segments. */
export class StreamForwarder {
  readonly #options: ForwarderOptions;
  readonly #random: SeededRandom;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  stalls = 0;

  private constructor(options: ForwarderOptions) {
    const { certificate, seed = 1 } = options;
    this.#options = options;
    this.#random = new SeededRandom(seed);
    const accept = (socket: Socket): void => {
      this.#join(socket);
    };
    this.#server =
      certificate === undefined
        ? createServer(accept)
        : createTlsServer(
            {
              cert: readFileSync(certificate.certFile),
              key: readFileSync(certificate.keyFile),
            },
            accept,
          );
  }

  static async open(options: ForwarderOptions): Promise<StreamForwarder> {
    const forwarder = new StreamForwarder(options);
    forwarder.#server.listen(0, '127.0.0.1');
    await once(forwarder.#server, 'listening');
    return forwarder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const { port, tls } = this.#options.to;
    const where = { host: '127.0.0.1', port };
    const far = tls ? connectTls({ ...where, rejectUnauthorized: false }) : connect(where);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      void this.#pump(from, to);
    }
  }

  async #pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from)
        for (const part of this.#parts(chunk as Buffer)) {
          await this.#delay();
          to.write(part);
        }
      to.end();
    } catch {
      // One side is gone, and with it the other.
      to.destroy();
    }
  }

  /** Segments end where they like. */
  #parts(chunk: Buffer): Buffer[] {
    if (this.#options.lost === undefined || chunk.length < 2) return [chunk];
    const cut = 1 + this.#random.below(chunk.length - 1);
    return [chunk.subarray(0, cut), chunk.subarray(cut)];
  }

  #delay(): Promise<void> {
    if (this.#random.below(100) >= (this.#options.lost ?? 0)) return Promise.resolve();
    this.stalls += 1;
    return new Promise((resolve) => setTimeout(resolve, RETRANSMIT_MS));
  }
}
