import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CopperlineError } from '../kernel/errors.js';
import { emptyRtpPacket, readRtp, type RtpPacket } from './rtp-packet.js';

export interface RtpAddress {
  host: string;
  port: number;
}

export interface RtpCounts {
  received: number;
  sent: number;
  /** Datagrams that are not RTP, or come from somebody else than the peer. */
  ignored: number;
}

export type RtpListener = (packet: RtpPacket, datagram: Buffer) => void;

const MAX_BIND_ATTEMPTS = 50;

/**
 * One UDP socket for RTP on an even port (RFC 3550 section 11). Symmetric (RFC 4961): it sends from the
 * port it receives on, to where the peer's first packet came from; before that, to the address of the SDP.
 */
export class RtpEndpoint {
  readonly #socket: Socket;
  readonly #packet = emptyRtpPacket();
  readonly counts: RtpCounts = { received: 0, sent: 0, ignored: 0 };
  #remote: RtpAddress | undefined;
  #latched = false;
  #closed = false;
  #listener: RtpListener | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      this.#onDatagram(datagram, from);
    });
    // ICMP unreachable and the like: the peer is gone or not there yet; the call's own timers decide.
    socket.on('error', () => undefined);
  }

  /** @throws CopperlineError CL_DEMO_NO_RTP_PORT */
  static async open(host: string): Promise<RtpEndpoint> {
    for (let attempt = 0; attempt < MAX_BIND_ATTEMPTS; attempt += 1) {
      const socket = await bind(host, 0);
      if (socket.address().port % 2 === 0) return new RtpEndpoint(socket);
      await closeSocket(socket);
    }
    throw new CopperlineError('CL_DEMO_NO_RTP_PORT', {
      sentence: `No even UDP port was free on ${host} after ${MAX_BIND_ATTEMPTS} attempts.`,
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Listens to the peer's packets; the packet object is reused for the next one. */
  onPacket(listener: RtpListener): void {
    this.#listener = listener;
  }

  /** The address of an SDP. The next packet that comes may correct it. */
  setRemote(remote: RtpAddress): void {
    if (remote.host === this.#remote?.host && remote.port === this.#remote.port) return;
    this.#remote = remote;
    this.#latched = false;
  }

  /** Fire and forget: a packet that the network refuses is a lost packet. */
  send(datagram: Buffer): void {
    const remote = this.#remote;
    if (this.#closed || remote === undefined) return;
    this.counts.sent += 1;
    this.#socket.send(datagram, remote.port, remote.host, ignoreError);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener = undefined;
    await closeSocket(this.#socket);
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    if (!readRtp(datagram, this.#packet) || !this.#isPeer(from)) {
      this.counts.ignored += 1;
      return;
    }
    this.counts.received += 1;
    this.#listener?.(this.#packet, datagram);
  }

  /** The first sender becomes the peer; later ones cannot take the call over. */
  #isPeer(from: RemoteInfo): boolean {
    const remote = this.#remote;
    if (remote === undefined) return false;
    if (!this.#latched) {
      this.#latched = true;
      this.#remote = { host: from.address, port: from.port };
      return true;
    }
    return remote.host === from.address && remote.port === from.port;
  }
}

function ignoreError(): void {
  // See RtpEndpoint.send.
}

function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close();
      reject(
        new CopperlineError('CL_DEMO_NO_RTP_PORT', {
          sentence: `A UDP port cannot be opened on ${host}: ${error.message}.`,
          cause: error,
        }),
      );
    };
    socket.once('error', onError);
    socket.bind(port, host, () => {
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => {
      resolve();
    });
  });
}
