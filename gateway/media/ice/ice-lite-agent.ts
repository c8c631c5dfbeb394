import type { Clock } from '../../kernel/clock.js';
import { IcePaths, type IcePath } from './ice-paths.js';
import { SeenChecks } from './seen-checks.js';
import { BINDING } from './stun-format.js';
import { hasIntegrity, type StunMessage } from './stun-message.js';
import {
  bindingError,
  bindingSuccess,
  type Endpoint,
  type ResponseContext,
} from './stun-response.js';

/** What one end of ICE is told by (RFC 8839 section 5.4). The password is secret. */
export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

export interface IceLiteOptions {
  credentials: IceCredentials;
  clock: Clock;
  handlers: IceLiteHandlers;
}

/** MUST NOT throw. */
export interface IceLiteHandlers {
  send(packet: Buffer, to: Endpoint): void;
  /** A first valid check came from there; its answer has been sent. */
  onPath(path: IcePath): void;
  onPathForgotten(path: IcePath): void;
  /** What is sent goes there from now on, or the peer said so once more. */
  onTarget(path: IcePath): void;
}

/** Media that comes only from another path, in packets, before ours goes there too. */
const MEDIA_PACKETS = 10;
/** Without a check from the path that we send to, another one that is checked takes its place, ms: browsers check every 2.5 to 6 s. */
const TARGET_SILENT_MS = 15_000;

/**
 * An ICE-lite agent (RFC 8445 sections 2.5 and 7.3) for one component: it checks nothing, it answers the checks of the one peer that was told
 * its credentials, from wherever they come. Where a valid check came from is a path; what is sent goes to the path that the peer nominates,
 * until then to the first. A peer that is nominated from elsewhere has moved (another network, a NAT that forgot it). So has one whose
 * media come from another path, or whose checks do: not every browser nominates again.
 */
export class IceLiteAgent {
  readonly credentials: IceCredentials;
  /** Where to send to; undefined before the first valid check. */
  target: IcePath | undefined;
  /** Clock.monotonic of the last valid check; undefined before the first. */
  checkedAt: number | undefined;
  readonly #clock: Clock;
  readonly #handlers: IceLiteHandlers;
  readonly #paths: IcePaths;
  readonly #seen = new SeenChecks();
  #theirs: string | undefined;
  #nominated = false;
  /** Packets of media in a row that came from another path than the target. */
  #elsewhere = 0;

  constructor({ credentials, clock, handlers }: IceLiteOptions) {
    this.credentials = credentials;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#paths = new IcePaths((path) => {
      handlers.onPathForgotten(path);
    });
  }

  /** The peer's ufrag is known: what came before it from others with our credentials is forgotten. */
  expect(theirs: string): void {
    this.#theirs = theirs;
    this.#paths.keepOnly(theirs);
    if (this.target === undefined || this.target.theirs === theirs) return;
    this.target = this.#paths.newest;
    this.#nominated = false;
    this.checkedAt = this.target?.checkedAt;
  }

  /**
   * Takes a message whose username begins with our ufrag, and answers it (RFC 8445 section 7.3). False: a stranger's, not made with our
   * password, or a copy of another one from elsewhere. It gets no answer: we send nothing to who does not know a secret of ours.
   */
  receive(message: StunMessage, from: Endpoint): boolean {
    const { credentials } = this;
    if (message.type === BINDING.indication) return true;
    if (message.type !== BINDING.request) return false;
    if (!hasIntegrity(message, credentials.pwd) || !this.#seen.isOwn(message, from)) return false;
    const context = { request: message, from, password: credentials.pwd };
    const theirs = theirUfrag(message, credentials.ufrag);
    const refusal = this.#refusal(context, theirs);
    this.#handlers.send(refusal ?? bindingSuccess(context), from);
    if (refusal === undefined && theirs !== undefined) this.#valid(message, { from, theirs });
    return true;
  }

  /** A packet of media that is the peer's own came on that path. The hot path. */
  mediaFrom(path: IcePath): void {
    if (path === this.target) {
      this.#elsewhere = 0;
      return;
    }
    this.#elsewhere += 1;
    if (this.#elsewhere >= MEDIA_PACKETS) this.#sendTo(path);
  }

  /** DTLS came on that path before there were any media: what answers it goes there. */
  handshakeFrom(path: IcePath): void {
    if (path !== this.target) this.#sendTo(path);
  }

  /** Forgets all that came; it may be expected anew. */
  close(): void {
    this.#theirs = undefined;
    this.target = undefined;
    this.checkedAt = undefined;
    this.#nominated = false;
    this.#elsewhere = 0;
    this.#paths.clear();
  }

  #refusal(context: ResponseContext, theirs: string | undefined): Buffer | undefined {
    const { unknown, role, priority } = context.request;
    const known = theirs !== undefined && (this.#theirs ?? theirs) === theirs;
    if (!known) return bindingError(context, 401);
    if (unknown.length > 0) return bindingError(context, 420, unknown);
    // Who is lite is controlled by who is not (RFC 8445 section 6.1.1).
    if (role === 'controlled') return bindingError(context, 487);
    return priority === undefined ? bindingError(context, 400) : undefined;
  }

  #valid(
    { useCandidate }: StunMessage,
    { from, theirs }: { from: Endpoint; theirs: string },
  ): void {
    const now = this.#clock.monotonic();
    this.checkedAt = now;
    const known = this.#paths.touch(from, now);
    const path = known ?? { address: from.address, port: from.port, theirs, checkedAt: now };
    // A browser that began anew before its SDP came has the same socket, and another ufrag.
    path.theirs = theirs;
    if (known === undefined) {
      this.#paths.add(path, this.target);
      this.#handlers.onPath(path);
    }
    if (useCandidate && !this.#nominated) {
      this.#nominated = true;
      this.#sendTo(path);
    } else if (this.#isNext(path, useCandidate, now)) this.#sendTo(path);
  }

  #isNext(path: IcePath, useCandidate: boolean, now: number): boolean {
    const { target } = this;
    if (target === undefined) return true;
    return path !== target && (useCandidate || now - target.checkedAt >= TARGET_SILENT_MS);
  }

  #sendTo(path: IcePath): void {
    this.target = path;
    this.#elsewhere = 0;
    this.#handlers.onTarget(path);
  }
}

/** The peer's part of a username, `ours:theirs` (RFC 8445 section 7.2.2). */
function theirUfrag({ username }: StunMessage, ours: string): string | undefined {
  return username?.startsWith(`${ours}:`) === true ? username.slice(ours.length + 1) : undefined;
}

/** Our part of a username: whom a message is for. */
export function ufragOf({ username }: StunMessage): string | undefined {
  const colon = username?.indexOf(':') ?? -1;
  return colon > 0 ? username?.slice(0, colon) : undefined;
}
