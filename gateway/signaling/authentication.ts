import { randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import type { ErrorCode } from '../kernel/error-catalogue.js';
import { constantTimeEqual } from '../kernel/secret.js';
import {
  digestResponse,
  formatChallenge,
  parseCredentials,
  type DigestAlgorithm,
  type DigestCredentials,
} from './digest.js';
import { FailureLimiter, type FailureLimits } from './failure-limiter.js';
import { Nonces } from './nonce.js';
import type { Refusal } from './refusal.js';
import type { SipRequest } from './sip-request.js';
import type { FindUser } from './users.js';

export interface AuthenticationOptions {
  /** Digest realm; also what the password belongs to. */
  realm: string;
  /**
   * Challenges offered, in this order, one header line each (RFC 8760 section 2.3). SIP.js and JsSIP read
   * only the first one and know only MD5, so MD5 comes first by default.
   */
  algorithms: readonly DigestAlgorithm[];
  nonceLifetimeMs: number;
  failures: FailureLimits;
}

export const DEFAULT_AUTHENTICATION: Omit<AuthenticationOptions, 'realm'> = {
  algorithms: ['MD5', 'SHA-256'],
  nonceLifetimeMs: 300_000,
  failures: { maxFailures: 10, windowMs: 60_000, blockMs: 60_000 },
};

export type AuthenticationVerdict =
  { kind: 'accepted'; user: string } | { kind: 'refused'; refusal: Refusal };

/** 401 with WWW-Authenticate and Authorization, or 407 with their Proxy- forms. */
export type ChallengeStatus = 401 | 407;

const SENTENCES = {
  required: 'Sign-in is required.',
  stale: 'The sign-in took too long or was repeated; sign in again.',
  wrong: 'The user name or the password is wrong.',
};

/** Digest authentication as a server (RFC 3261 section 22, RFC 7616, RFC 8760). */
export class Authenticator {
  readonly #options: AuthenticationOptions;
  readonly #findUser: FindUser;
  readonly #nonces: Nonces;
  readonly #failures: FailureLimiter;
  /** Stands in for the password of unknown users, so that both take the same way and time. */
  readonly #nobodysPassword = randomBytes(16).toString('hex');

  constructor(options: AuthenticationOptions, findUser: FindUser, clock: Clock) {
    this.#options = options;
    this.#findUser = findUser;
    this.#nonces = new Nonces(clock, options.nonceLifetimeMs);
    this.#failures = new FailureLimiter(clock, options.failures);
  }

  /** Decides who sent the request. A WebSocket that signed in by token speaks for its user. */
  check(request: SipRequest, status: ChallengeStatus): AuthenticationVerdict {
    if (request.flow?.user !== undefined) return { kind: 'accepted', user: request.flow.user };
    const source = request.flow?.remoteAddress ?? request.source;
    const blockedMs = this.#failures.blockedForMs(source);
    if (blockedMs > 0) return blocked(blockedMs);
    const header = request.header(status === 401 ? 'Authorization' : 'Proxy-Authorization');
    const credentials = header === undefined ? undefined : parseCredentials(header);
    if (credentials === undefined) return this.#challenge(status, 'required');
    return this.#checkCredentials(request, { credentials, status, source });
  }

  #checkCredentials(
    request: SipRequest,
    given: { credentials: DigestCredentials; status: ChallengeStatus; source: string },
  ): AuthenticationVerdict {
    const { credentials, status, source } = given;
    // A nonce of an earlier run of the gateway is like an expired one: not the user's fault.
    const freshness = this.#nonces.check(credentials.nonce, credentials.nc);
    if (!this.#isRight(request, credentials)) {
      this.#failures.fail(source);
      return this.#challenge(status, 'wrong');
    }
    if (freshness !== 'fresh') return this.#challenge(status, 'stale');
    this.#nonces.use(credentials.nonce, credentials.nc ?? '');
    this.#failures.succeed(source);
    return { kind: 'accepted', user: credentials.username };
  }

  #isRight(request: SipRequest, credentials: DigestCredentials): boolean {
    const { username, nonce, uri, algorithm, qop, nc, cnonce } = credentials;
    const account = this.#findUser(username);
    const expected = digestResponse({
      ...{ username, nonce, uri, algorithm, method: request.method },
      realm: this.#options.realm,
      password: account?.password.reveal() ?? this.#nobodysPassword,
      qop: { value: 'auth', nc: nc ?? '', cnonce: cnonce ?? '' },
    });
    const same = constantTimeEqual(expected, credentials.response);
    // RFC 3261 section 22.4 point 7: the digest-uri names the request it was made for.
    const covers = uri === request.uri && qop === 'auth' && cnonce !== undefined;
    return same && covers && account !== undefined && this.#options.algorithms.includes(algorithm);
  }

  #challenge(status: ChallengeStatus, why: keyof typeof SENTENCES): AuthenticationVerdict {
    const nonce = this.#nonces.create();
    const values = this.#options.algorithms.map((algorithm) =>
      formatChallenge({
        ...{ realm: this.#options.realm, nonce, algorithm, qop: 'auth' },
        stale: why === 'stale',
      }),
    );
    const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const code: ErrorCode = why === 'wrong' ? 'CL_AUTH_WRONG' : 'CL_AUTH_REQUIRED';
    const refusal = { status, code, sentence: SENTENCES[why], headers: { [name]: values } };
    return { kind: 'refused', refusal };
  }
}

function blocked(blockedMs: number): AuthenticationVerdict {
  const seconds = Math.ceil(blockedMs / 1000);
  return {
    kind: 'refused',
    refusal: {
      status: 403,
      code: 'CL_AUTH_BLOCKED' satisfies ErrorCode,
      sentence: `Too many wrong passwords came from this address; try again in ${seconds} s.`,
      headers: { 'Retry-After': String(seconds) },
    },
  };
}
