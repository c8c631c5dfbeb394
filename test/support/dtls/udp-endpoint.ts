import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { systemClock } from '../../../gateway/kernel/clock.js';
import type { CopperlineError } from '../../../gateway/kernel/errors.js';
import { DtlsEndpoint } from '../../../gateway/media/dtls/dtls-endpoint.js';
import type { DtlsCertificate } from '../../../gateway/media/dtls/self-signed-certificate.js';
import type { SrtpKey } from '../../../gateway/media/srtp/srtp-suite.js';

export interface Keys {
  local: SrtpKey;
  remote: SrtpKey;
}

interface Events {
  connected: [Keys];
  failed: [CopperlineError];
  closed: [];
}

export interface UdpEndpointOptions {
  role: 'client' | 'server';
  certificate: DtlsCertificate;
  remoteFingerprint: string;
}

/** A DtlsEndpoint on a UDP port of the loopback that talks with whoever talks with it, as ICE would let it. */
export class UdpEndpoint {
  /** Rejected with the error of a handshake that failed. */
  readonly connected: Promise<Keys>;
  readonly failed: Promise<CopperlineError>;
  readonly closed: Promise<void>;
  /** Bytes of the longest datagram received. */
  longest = 0;
  /** True for a datagram that is to be lost; both directions are counted from 0. */
  loses: (direction: 'in' | 'out', number: number) => boolean = () => false;
  readonly #count = { in: 0, out: 0 };
  readonly #socket: Socket;
  readonly #dtls: DtlsEndpoint;
  #peerPort = 0;

  private constructor(options: UdpEndpointOptions, socket: Socket) {
    this.#socket = socket;
    const events = new EventEmitter<Events>();
    this.connected = new Promise((resolve, reject) => {
      events.once('connected', resolve);
      events.once('failed', reject);
    });
    // A test that waits for the failure does not wait for this one.
    this.connected.catch(() => undefined);
    this.failed = new Promise((resolve) => events.once('failed', resolve));
    this.closed = new Promise((resolve) => events.once('closed', resolve));
    this.#dtls = new DtlsEndpoint({
      ...options,
      clock: systemClock,
      handlers: {
        send: (datagram) => {
          if (this.loses('out', this.#count.out++)) return;
          socket.send(datagram, this.#peerPort, '127.0.0.1');
        },
        onConnected: (keys) => events.emit('connected', keys),
        onFailed: (error) => events.emit('failed', error),
        onClosed: () => events.emit('closed'),
      },
    });
    socket.on('message', (datagram, from) => {
      this.#peerPort = from.port;
      if (this.loses('in', this.#count.in++)) return;
      this.longest = Math.max(this.longest, datagram.length);
      this.#dtls.receive(datagram);
    });
  }

  static async open(options: UdpEndpointOptions): Promise<UdpEndpoint> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new UdpEndpoint(options, socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** As the client of a server on that port. */
  start(peerPort = 0): void {
    this.#peerPort = peerPort;
    this.#dtls.start();
  }

  /** Says goodbye, with the port still open. */
  hangUp(): void {
    this.#dtls.close();
  }

  close(): void {
    this.#dtls.close();
    this.#socket.close();
  }
}
