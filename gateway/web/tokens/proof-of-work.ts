import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { newToken } from '../../kernel/ids.js';
import type { Secret } from '../../kernel/secret.js';
import type { Bearer } from './one-call-tokens.js';
import { SignedClaims } from './signed-claims.js';

const LIFETIME_MS = 120_000;
/** Solutions that are remembered; beyond that new ones are refused until old ones expire. */
const MAX_USED = 20_000;
const SOLUTION = /^[0-9a-z]{1,16}$/;

/**
 * Hashcash: a challenge is solved by a text that makes SHA-256 of `SHA-256(challenge) in hex : text` begin with so many zero bits.
 * A challenge is signed, expires, is for one site, origin and address, and counts once.
 */
export class ProofOfWork {
  readonly #clock: Clock;
  readonly #claims: SignedClaims;
  /** Monotonic time of expiry by id, oldest first. */
  readonly #used = new Map<string, number>();

  constructor(clock: Clock, key?: Secret) {
    this.#clock = clock;
    this.#claims = new SignedClaims('copperline:challenge', clock, key);
  }

  challenge(site: string, bits: number, { origin, address }: Bearer): Promise<string> {
    return this.#claims.sign({ jti: newToken(16), site, bits, origin, address }, LIFETIME_MS);
  }

  /** The sentence of the refusal; undefined when the solution counts, from now on no more. */
  async defect(
    site: string,
    given: { challenge: string; solution: string },
    { origin, address }: Bearer,
  ): Promise<string | undefined> {
    const { challenge, solution } = given;
    const verified = await this.#claims.verify(challenge);
    if (verified.kind === 'expired') return 'The challenge is too old; ask for another one.';
    if (verified.kind === 'invalid') return 'The challenge is none that this gateway has issued.';
    const { jti = '', bits, ...claims } = verified.claims;
    if (claims['site'] !== site || claims['origin'] !== origin || claims['address'] !== address)
      return 'The challenge was issued to another page or address.';
    if (!SOLUTION.test(solution) || zeroBits(challenge, solution) < Number(bits))
      return 'The solution of the challenge is wrong.';
    this.#forgetExpired();
    if (this.#used.has(jti)) return 'The challenge was used before.';
    if (this.#used.size >= MAX_USED) return 'Too many challenges were solved within a short time.';
    this.#used.set(jti, this.#clock.monotonic() + LIFETIME_MS + 1_000);
    return undefined;
  }

  #forgetExpired(): void {
    const now = this.#clock.monotonic();
    for (const [id, until] of this.#used) {
      if (until > now) return;
      this.#used.delete(id);
    }
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function zeroBits(challenge: string, solution: string): number {
  const digest = sha256(`${sha256(challenge).toString('hex')}:${solution}`);
  const leading = digest.findIndex((byte) => byte !== 0);
  if (leading === -1) return digest.length * 8;
  return leading * 8 + Math.clz32(digest[leading] ?? 0) - 24;
}
