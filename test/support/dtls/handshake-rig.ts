import type { CopperlineError } from '../../../gateway/kernel/errors.js';
import { DtlsEndpoint } from '../../../gateway/media/dtls/dtls-endpoint.js';
import { selfSignedCertificate } from '../../../gateway/media/dtls/self-signed-certificate.js';
import type { SrtpKey } from '../../../gateway/media/srtp/srtp-suite.js';
import { ManualClock } from '../manual-clock.js';

export type Role = 'client' | 'server';

/** Anything that speaks DTLS in a test. */
export interface DatagramPeer {
  start(): void;
  receive(datagram: Buffer): void;
  close(): void;
}

export interface Ends {
  client: DatagramPeer;
  server: DatagramPeer;
}

export interface SentDatagram {
  from: Role;
  datagram: Buffer;
  /** Counts the datagrams of both from 0. */
  number: number;
}

export interface Outcome {
  keys: { local: SrtpKey; remote: SrtpKey } | undefined;
  error: CopperlineError | undefined;
  closed: boolean;
}

/** Made once: a key pair costs more than the rest of a handshake. */
export const CERTIFICATES = {
  client: selfSignedCertificate(Date.UTC(2026, 0, 1)),
  server: selfSignedCertificate(Date.UTC(2026, 0, 1)),
};

export const other = (role: Role): Role => (role === 'client' ? 'server' : 'client');

/** Two ends, a path between them that a test can make as bad as it likes, and a clock. No sockets. */
export class HandshakeRig {
  readonly clock = new ManualClock();
  readonly client: Outcome = { keys: undefined, error: undefined, closed: false };
  readonly server: Outcome = { keys: undefined, error: undefined, closed: false };
  readonly ends: Ends;
  readonly sent: SentDatagram[] = [];
  /** What becomes of a datagram: the same, none, several, others. */
  path: (datagram: SentDatagram) => readonly Buffer[] = ({ datagram }) => [datagram];
  /** Which of those on the way arrives next. */
  order: (waiting: number) => number = () => 0;
  readonly #way: { to: Role; datagram: Buffer }[] = [];

  constructor(replace: (rig: HandshakeRig) => Partial<Ends> = () => ({})) {
    const ours = { client: this.endpoint('client'), server: this.endpoint('server') };
    this.ends = { ...ours, ...replace(this) };
  }

  endpoint(role: Role, remoteFingerprint = CERTIFICATES[other(role)].fingerprint): DtlsEndpoint {
    const outcome = this[role];
    return new DtlsEndpoint({
      ...{ role, remoteFingerprint },
      certificate: CERTIFICATES[role],
      clock: this.clock,
      handlers: {
        send: (datagram) => {
          this.send(role, datagram);
        },
        onConnected: (keys) => {
          if (outcome.keys !== undefined) throw new Error('connected twice');
          outcome.keys = keys;
        },
        onFailed: (error) => {
          if (outcome.error !== undefined) throw new Error('failed twice');
          outcome.error = error;
        },
        onClosed: () => {
          if (outcome.closed) throw new Error('closed twice');
          outcome.closed = true;
        },
      },
    });
  }

  send(from: Role, datagram: Buffer): void {
    const sent = { from, datagram, number: this.sent.length };
    this.sent.push(sent);
    for (const arrives of this.path(sent)) this.#way.push({ to: other(from), datagram: arrives });
  }

  start(): this {
    this.ends.server.start();
    this.ends.client.start();
    return this;
  }

  /** Lets all arrive that is on the way, and what it leads to. */
  deliver(): this {
    while (this.#way.length > 0) {
      const [next] = this.#way.splice(this.order(this.#way.length), 1);
      if (next !== undefined) this.ends[next.to].receive(next.datagram);
    }
    return this;
  }

  /** Goes on until both are connected or have failed, or until nothing waits any more. */
  run(): this {
    this.deliver();
    for (let passed = 0; passed < 70_000 && !this.settled && this.clock.pending > 0; passed += 20) {
      this.clock.advance(20);
      this.deliver();
    }
    return this;
  }

  get settled(): boolean {
    return [this.client, this.server].every(({ keys, error }) => keys ?? error);
  }

  /** True when both are connected, each with the keys of the other. */
  get agreed(): boolean {
    const [client, server] = [this.client.keys, this.server.keys];
    if (client === undefined || server === undefined) return false;
    return (
      client.local.suite === server.remote.suite &&
      client.local.material.equals(server.remote.material) &&
      client.remote.material.equals(server.local.material) &&
      !client.local.material.equals(client.remote.material)
    );
  }

  /** Both are closed; throws when a timer is left. */
  end(): void {
    this.ends.client.close();
    this.ends.server.close();
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers are left`);
  }
}
