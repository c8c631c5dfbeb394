import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface LossyForwarderOptions {
  /** Address of this machine that peers reach it at, and that the target sees. */
  host: string;
  /** Any when absent. */
  port?: number;
  /** UDP port on 127.0.0.1 that everything is passed on to. */
  target: number;
  /** Two runs with one seed drop by the same draw. */
  seed: number;
}

/** UDP between peers and one port of this machine that drops packets of both directions at random. */
export class LossyForwarder {
  /** Share of the packets that is dropped, 0 to 1. */
  loss = 0;
  /** What becomes of a packet on its way to the target: other bytes, or more packets before it. */
  bend: (packet: Buffer) => readonly Buffer[] = (packet) => [packet];
  passed = 0;
  /** Of those that passed, the packets of the target. */
  passedBack = 0;
  dropped = 0;
  readonly #near: Socket;
  /** One socket towards the target for each peer, so that each is answered. */
  readonly #far = new Map<string, Socket>();
  readonly #options: LossyForwarderOptions;
  #state: number;

  private constructor(near: Socket, options: LossyForwarderOptions) {
    this.#near = near;
    this.#options = options;
    this.#state = options.seed >>> 0;
    near.on('message', (packet, from) => {
      if (this.#drops()) return;
      for (const sent of this.bend(packet))
        this.#towardsTarget(from).send(sent, options.target, '127.0.0.1');
    });
  }

  static async open(options: LossyForwarderOptions): Promise<LossyForwarder> {
    const near = createSocket('udp4');
    near.bind(options.port ?? 0, options.host);
    await once(near, 'listening');
    return new LossyForwarder(near, options);
  }

  get port(): number {
    return this.#near.address().port;
  }

  /** The target sees every peer at another port from now on, as after a change of network. */
  forget(): void {
    for (const socket of this.#far.values()) socket.close();
    this.#far.clear();
  }

  close(): void {
    this.#near.close();
    this.forget();
  }

  #towardsTarget(peer: RemoteInfo): Socket {
    const key = `${peer.address}:${peer.port}`;
    const known = this.#far.get(key);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.bind(0, this.#options.host);
    // A target that is gone answers with ICMP; the peer then hears nothing, as on a network.
    socket.on('error', () => undefined);
    socket.on('message', (packet) => {
      if (this.#drops()) return;
      this.passedBack += 1;
      this.#near.send(packet, peer.port, peer.address);
    });
    this.#far.set(key, socket);
    return socket;
  }

  #drops(): boolean {
    // A linear congruential generator (Numerical Recipes).
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    const dropped = this.#state / 0x1_0000_0000 < this.loss;
    if (dropped) this.dropped += 1;
    else this.passed += 1;
    return dropped;
  }
}
