import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { IceUdpMuxListener } from 'node-datachannel';
import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import type { LocalCandidate } from '../sdp/write-sdp.js';
import { DtlsCertificates } from '../dtls/dtls-certificates.js';

export interface BrowserPortOptions {
  /** IP address to bind; `0.0.0.0` for all interfaces. */
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Address that browsers reach us at, when it is not `host` (1:1 NAT). */
  advertised?: string | undefined;
  /** New calls get another DTLS certificate after this, ms. */
  certificateMaxAgeMs: number;
}

/** RFC 8445 section 5.1.2.1: type preference 126 for host candidates, component 1. */
const HOST_PREFERENCE = 126 * 2 ** 24;
const PORT_ATTEMPTS = 10;

/**
 * The one UDP port that all browsers of a worker share, told apart by their ICE credentials. Held for the life of the
 * worker; connectivity checks for nobody's credentials are counted and dropped.
 */
export class BrowserPort {
  readonly port: number;
  readonly certificates: DtlsCertificates;
  readonly candidates: readonly LocalCandidate[];
  /** STUN requests that named no open transport. */
  strangers = 0;
  readonly #options: BrowserPortOptions;
  readonly #listener: IceUdpMuxListener;

  private constructor(options: BrowserPortOptions, port: number, clock: Clock) {
    this.#options = options;
    this.port = port;
    this.#listener =
      this.bindAddress === undefined
        ? new IceUdpMuxListener(port)
        : new IceUdpMuxListener(port, this.bindAddress);
    this.#listener.onUnhandledStunRequest(() => {
      this.strangers += 1;
    });
    this.certificates = new DtlsCertificates(clock, options.certificateMaxAgeMs);
    this.candidates = localCandidates(options, port);
  }

  /** @throws CopperlineError CL_START_PORT_IN_USE */
  static async open(options: BrowserPortOptions, clock: Clock): Promise<BrowserPort> {
    const attempts = options.port === 0 ? PORT_ATTEMPTS : 1;
    let cause: unknown;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        // The library neither picks a free port nor says why one cannot be had.
        const port = await probePort(options);
        return new BrowserPort(options, port, clock);
      } catch (error) {
        cause = error;
      }
    }
    const where = `${options.host}:${options.port}`;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CopperlineError('CL_START_PORT_IN_USE', {
      sentence: `The UDP port for browsers, ${where}, cannot be used: ${reason}.`,
      cause,
    });
  }

  /** Undefined binds all interfaces. */
  get bindAddress(): string | undefined {
    return this.#options.host === '0.0.0.0' ? undefined : this.#options.host;
  }

  close(): void {
    this.#listener.stop();
  }
}

function probePort(options: BrowserPortOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(options.port, options.host, () => {
      const { port } = socket.address();
      socket.close(() => {
        resolve(port);
      });
    });
  });
}

function localCandidates(options: BrowserPortOptions, port: number): LocalCandidate[] {
  const addresses = options.host === '0.0.0.0' ? interfaceAddresses() : [options.host];
  if (options.advertised !== undefined) addresses.unshift(options.advertised);
  return [...new Set(addresses)].map((address, index) => ({
    address,
    port,
    priority: HOST_PREFERENCE + (65_535 - index) * 256 + 255,
  }));
}

/** IPv4 of all interfaces; loopback last, for browsers on the same machine. */
function interfaceAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const ipv4 = all.filter((entry) => entry.family === 'IPv4');
  return [
    ...ipv4.filter((entry) => !entry.internal),
    ...ipv4.filter((entry) => entry.internal),
  ].map((entry) => entry.address);
}
