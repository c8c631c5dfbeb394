import type { Clock } from '../../kernel/clock.js';
import type { DtlsCertificate } from '../dtls/self-signed-certificate.js';
import { IceLiteAgent, type IceCredentials } from '../ice/ice-lite-agent.js';
import type { IcePath } from '../ice/ice-paths.js';
import type { StunMessage } from '../ice/stun-message.js';
import type { Endpoint } from '../ice/stun-response.js';
import type { BrowserPort } from './browser-port.js';
import type { PacketOwner } from './browser-routes.js';
import { newIceCredentials } from './random-numbers.js';

/** What an end hands on once its browser is known. MUST NOT throw. */
export interface EndUser {
  /** @param path undefined for what came before the browser was known */
  onDtls(datagram: Buffer, path?: IcePath): boolean;
  onMedia(packet: Buffer, path: IcePath): boolean;
  onUnwanted(path: IcePath): void;
  /** What is sent goes there from now on, or the browser said so once more. */
  onTarget(path: IcePath): void;
}

export interface BrowserEndOptions {
  port: BrowserPort;
  clock: Clock;
  certificate: DtlsCertificate;
}

/** A hello in pieces; more is not kept for a browser whose answer has not come. */
const MAX_EARLY_DATAGRAMS = 8;
const MAX_EARLY_BYTES = 16_384;

/**
 * Our end of ICE and DTLS, as an SDP of ours names it. It answers checks from the moment that the browser is told, also those that
 * overtake the browser's own SDP, and keeps its DTLS until then.
 */
export class BrowserEnd implements PacketOwner {
  readonly certificate: DtlsCertificate;
  readonly agent: IceLiteAgent;
  /** Whether a transport has had it. */
  used = false;
  readonly #port: BrowserPort;
  #user: EndUser | undefined;
  #early: { datagram: Buffer; from: string }[] = [];
  #earlyBytes = 0;

  constructor({ port, clock, certificate }: BrowserEndOptions) {
    this.#port = port;
    this.certificate = certificate;
    this.agent = new IceLiteAgent({
      credentials: newIceCredentials(),
      clock,
      handlers: {
        send: (packet, to) => {
          port.send(packet, to);
        },
        onPath: (path) => {
          port.routes.add(path, this);
        },
        onPathForgotten: (path) => {
          port.routes.remove(path);
        },
        onTarget: (path) => this.#user?.onTarget(path),
      },
    });
  }

  get credentials(): IceCredentials {
    return this.agent.credentials;
  }

  /** UDP port that the browser is told. */
  get port(): number {
    return this.#port.port;
  }

  /** The browser is told: checks may come from now on. */
  announce(): void {
    this.#port.register(this);
  }

  /** The browser's ufrag is known, and who takes what comes from it. */
  use(user: EndUser, theirs: string): void {
    this.used = true;
    this.announce();
    this.agent.expect(theirs);
    this.#user = user;
    const { target } = this.agent;
    if (target !== undefined) user.onTarget(target);
    const early = this.#early;
    this.#forgetEarly();
    // Of another browser that had our credentials a hello would be taken for this one's.
    for (const { datagram, from } of early) if (from === theirs) user.onDtls(datagram);
  }

  /** Sends to where the browser is; nowhere before its first check. */
  send(packet: Buffer): void {
    const { target } = this.agent;
    if (target !== undefined) this.#port.send(packet, target);
  }

  /** Nothing is answered any more. Idempotent; announce() and use() begin anew. */
  release(): void {
    this.#user = undefined;
    this.#port.unregister(this);
    this.agent.close();
    this.#forgetEarly();
  }

  onCheck(message: StunMessage, from: Endpoint): boolean {
    return this.agent.receive(message, from);
  }

  onDtls(datagram: Buffer, path: IcePath): boolean {
    if (this.#user !== undefined) return this.#user.onDtls(datagram, path);
    const bytes = this.#earlyBytes + datagram.length;
    if (this.#early.length >= MAX_EARLY_DATAGRAMS || bytes > MAX_EARLY_BYTES) return true;
    this.#early.push({ datagram, from: path.theirs });
    this.#earlyBytes = bytes;
    return true;
  }

  onMedia(packet: Buffer, path: IcePath): boolean {
    return this.#user?.onMedia(packet, path) === true;
  }

  onUnwanted(path: IcePath): void {
    this.#user?.onUnwanted(path);
  }

  #forgetEarly(): void {
    this.#early = [];
    this.#earlyBytes = 0;
  }
}
