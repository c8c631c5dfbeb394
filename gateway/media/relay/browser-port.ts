import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { DtlsCertificates } from '../dtls/dtls-certificates.js';
import { ufragOf } from '../ice/ice-lite-agent.js';
import { parseStun } from '../ice/stun-message.js';
import type { Endpoint } from '../ice/stun-response.js';
import type { LocalCandidate } from '../sdp/write-sdp.js';
import { BrowserRoutes, type PacketOwner } from './browser-routes.js';
import { literalLookup } from './literal-lookup.js';
import { localCandidates } from './local-candidates.js';

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

/**
 * Asked for; the kernel doubles it, as far as `net.core.rmem_max` allows. That is some 0.3 s of 200 calls, for a worker that was kept from
 * reading: what has waited for longer is of no use to a listener.
 */
const RECEIVE_BUFFER_BYTES = 2 ** 20;

/**
 * The one UDP port that all browsers of a worker share. STUN finds its browser by the ufrag of ours that it names, everything else by the
 * address that ICE has validated. Held for the life of the worker.
 */
export class BrowserPort {
  readonly port: number;
  readonly certificates: DtlsCertificates;
  readonly candidates: readonly LocalCandidate[];
  readonly routes = new BrowserRoutes();
  /** STUN that named no open transport, or did not know its password. */
  strangers = 0;
  /** Packets of no kind that belongs here, or from an address that ICE has not validated. */
  unclaimed = 0;
  readonly #socket: Socket;
  readonly #owners = new Map<string, PacketOwner>();
  #closed = false;

  private constructor(socket: Socket, options: BrowserPortOptions, clock: Clock) {
    this.#socket = socket;
    this.port = socket.address().port;
    this.certificates = new DtlsCertificates(clock, options.certificateMaxAgeMs);
    this.candidates = localCandidates(options, this.port);
    socket.on('message', this.#onMessage);
    // What cannot be sent is lost, as on a network: consent decides.
    socket.on('error', () => undefined);
  }

  /** @throws CopperlineError CL_START_PORT_IN_USE */
  static async open(options: BrowserPortOptions, clock: Clock): Promise<BrowserPort> {
    try {
      return new BrowserPort(await bind(options), options, clock);
    } catch (error) {
      const where = `${options.host}:${options.port}`;
      const reason = error instanceof Error ? error.message : String(error);
      throw new CopperlineError('CL_START_PORT_IN_USE', {
        sentence: `The UDP port for browsers, ${where}, cannot be used: ${reason}.`,
        cause: error,
      });
    }
  }

  /** Ends of ours that browsers may send checks to. */
  get owners(): number {
    return this.#owners.size;
  }

  /** From now on checks with its credentials are its own; again is no change. */
  register(owner: PacketOwner): void {
    this.#owners.set(owner.credentials.ufrag, owner);
  }

  unregister(owner: PacketOwner): void {
    const { ufrag } = owner.credentials;
    if (this.#owners.get(ufrag) === owner) this.#owners.delete(ufrag);
  }

  /** Never throws; the buffer must not be changed any more: it may be sent later. */
  send(packet: Buffer, { address, port }: Endpoint): void {
    if (!this.#closed) this.#socket.send(packet, port, address);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  /** RFC 7983: what a packet is, by its first byte. */
  readonly #onMessage = (packet: Buffer, from: RemoteInfo): void => {
    const first = packet[0] ?? 0xff;
    if (first >= 128 && first < 192) {
      if (!this.routes.media(packet, from)) this.unclaimed += 1;
    } else if (first < 4) this.#onStun(packet, from);
    else if (first < 20 || first > 63 || !this.routes.dtls(packet, from)) this.unclaimed += 1;
  };

  #onStun(packet: Buffer, from: RemoteInfo): void {
    const message = parseStun(packet);
    const ufrag = message === undefined ? undefined : ufragOf(message);
    const owner = ufrag === undefined ? undefined : this.#owners.get(ufrag);
    // Nothing can be sent to port 0.
    const known = message !== undefined && from.port !== 0 && owner?.onCheck(message, from);
    if (known !== true) this.strangers += 1;
  }
}

function bind({ host, port }: BrowserPortOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', lookup: literalLookup });
    const refuse = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', refuse);
    socket.bind(port, host, () => {
      socket.off('error', refuse);
      askForBuffer(socket);
      resolve(socket);
    });
  });
}

function askForBuffer(socket: Socket): void {
  try {
    if (socket.getRecvBufferSize() < RECEIVE_BUFFER_BYTES)
      socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // It works with less.
  }
}
