import { createHash, randomBytes } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Clock } from '../../kernel/clock.js';
import type { Secret } from '../../kernel/secret.js';

const ALGORITHM = 'HS256';
const ISSUER = 'copperline';

export type Verified =
  { kind: 'valid'; claims: JWTPayload } | { kind: 'expired' } | { kind: 'invalid' };

/**
 * Short-lived JWTs (RFC 7519) of one purpose, HS256. Without a key of the settings they live no longer than this process: what an earlier
 * run has issued is invalid, because which of it was used is forgotten with that run.
 */
export class SignedClaims {
  readonly #purpose: string;
  readonly #clock: Clock;
  readonly #key: Buffer;

  constructor(purpose: string, clock: Clock, key?: Secret) {
    this.#purpose = purpose;
    this.#clock = clock;
    this.#key = key === undefined ? randomBytes(32) : digest(`${purpose}:${key.reveal()}`);
  }

  sign(claims: JWTPayload & { jti: string }, lifetimeMs: number): Promise<string> {
    const now = this.#clock.now();
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(this.#purpose)
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(Math.ceil((now + lifetimeMs) / 1_000))
      .sign(this.#key);
  }

  /** Never rejects. */
  async verify(token: string): Promise<Verified> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: this.#purpose,
        requiredClaims: ['jti', 'exp'],
        currentDate: new Date(this.#clock.now()),
      });
      return { kind: 'valid', claims: payload };
    } catch (error) {
      return { kind: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
    }
  }
}

/** Of the length that HS256 asks for (RFC 7518 section 3.2), and another one for each purpose. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
