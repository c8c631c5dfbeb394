import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { newToken } from '../../kernel/ids.js';
import type { Secret } from '../../kernel/secret.js';
import type { CallPass } from '../../signaling/call-pass.js';
import type { Site } from '../sites/site.js';
import { SiteQuota, type CallSlot } from '../sites/site-quota.js';
import { SignedClaims } from './signed-claims.js';

/** Who asks for a token, and who brings one. */
export interface Bearer {
  origin: string;
  /** addressKey() of the browser. */
  address: string;
}

/** A token that was brought: what its WebSocket may do. */
export interface RedeemedToken {
  pass: CallPass;
  /** Gives the place among the site's calls back. Idempotent. */
  release: () => void;
}

interface Issued {
  site: Site;
  destination: string;
  bearer: Bearer;
  slot: CallSlot;
  expiry: Timer;
}

interface SharedTokens {
  /** Of the settings: tokens of other gateways with this key, and of an earlier run, are good here too. */
  key?: Secret | undefined;
  /** For those. */
  sites?: readonly Site[] | undefined;
}

/**
 * Tokens for one call each, bound to origin, site, destination and client address. Those that wait for their WebSocket are kept here,
 * so a token works once; there are never more of them than the quotas of the sites allow. With a key of the settings a token works once at
 * each gateway that has the key, and counts in its quotas there.
 */
export class OneCallTokens {
  readonly #clock: Clock;
  readonly #claims: SignedClaims;
  readonly #quotas = new Map<string, SiteQuota>();
  readonly #issued = new Map<string, Issued>();
  readonly #shared: boolean;
  readonly #sites: ReadonlyMap<string, Site>;
  /** Ids of tokens that were used, by when they expire by themselves, s since the Unix epoch; with a key of the settings only. */
  readonly #used = new Map<string, number>();

  constructor(clock: Clock, { key, sites = [] }: SharedTokens = {}) {
    this.#clock = clock;
    this.#claims = new SignedClaims('copperline:one-call', clock, key);
    this.#shared = key !== undefined;
    this.#sites = new Map(sites.map((site) => [site.key, site]));
  }

  /** Tokens that are out, used or not, whose call may begin or go on. */
  get count(): number {
    return [...this.#quotas.values()].reduce((sum, quota) => sum + quota.present, 0);
  }

  /** @throws CopperlineError CL_WIDGET_QUOTA */
  async issue(site: Site, destination: string, bearer: Bearer): Promise<string> {
    const slot = this.#quotaOf(site).take(bearer.address);
    const jti = newToken(16);
    const expiry = this.#clock.setTimer(() => {
      this.#issued.delete(jti);
      slot.release();
    }, site.tokenLifetimeMs);
    this.#issued.set(jti, { site, destination, bearer, slot, expiry });
    const claims = { jti, site: site.key, destination, bearer: markOf(jti, bearer) };
    return this.#claims.sign(claims, site.tokenLifetimeMs);
  }

  /** @throws CopperlineError CL_WIDGET_TOKEN_INVALID, CL_WIDGET_TOKEN_EXPIRED, CL_WIDGET_TOKEN_USED */
  async redeem(token: string, bearer: Bearer): Promise<RedeemedToken> {
    const verified = await this.#claims.verify(token);
    if (verified.kind === 'invalid')
      throw refused('INVALID', 'The token is none that this gateway has issued.');
    if (verified.kind === 'expired')
      throw refused('EXPIRED', 'The token is too old; ask for another one.');
    const { claims } = verified;
    const { jti = '' } = claims;
    const issued = this.#issued.get(jti);
    if (issued === undefined) {
      if (this.#shared) return this.#redeemForeign(claims, bearer);
      throw refused('USED', 'The token was used before, or its time is over.');
    }
    if (bearer.origin !== issued.bearer.origin)
      throw refused('INVALID', 'The token was issued to a page of another origin.');
    if (bearer.address !== issued.bearer.address)
      throw refused('INVALID', 'The token was issued to another address.');
    this.#issued.delete(jti);
    issued.expiry.cancel();
    this.#remember(claims);
    return { pass: passOf(issued), release: issued.slot.release };
  }

  /** A token of another gateway, or of an earlier run of this one. Its claims are all that is known of it. */
  #redeemForeign(claims: JWTPayload, bearer: Bearer): RedeemedToken {
    const { jti = '', site: key, destination, bearer: mark } = claims;
    if (this.#used.has(jti)) throw refused('USED', 'The token was used before.');
    const site = this.#sites.get(String(key));
    const known = site?.destinations.some(({ name }) => name === destination) === true;
    if (site === undefined || !known)
      throw refused('INVALID', 'The token is for a site or destination that is not here.');
    if (mark !== markOf(jti, bearer))
      throw refused('INVALID', 'The token was issued to a page of another origin or address.');
    const slot = this.#quotaOf(site).take(bearer.address);
    this.#remember(claims);
    return { pass: passOf({ site, destination: String(destination) }), release: slot.release };
  }

  #remember({ jti = '', exp = 0 }: JWTPayload): void {
    if (!this.#shared) return;
    const now = this.#clock.now() / 1_000;
    for (const [id, until] of this.#used) if (until < now) this.#used.delete(id);
    this.#used.set(jti, exp);
  }

  /** Timers of tokens that wait are cancelled. */
  close(): void {
    for (const { expiry, slot } of this.#issued.values()) {
      expiry.cancel();
      slot.release();
    }
    this.#issued.clear();
  }

  #quotaOf(site: Site): SiteQuota {
    const known = this.#quotas.get(site.key) ?? new SiteQuota(site, this.#clock);
    this.#quotas.set(site.key, known);
    return known;
  }
}

function refused(what: 'INVALID' | 'EXPIRED' | 'USED', sentence: string): CopperlineError {
  return new CopperlineError(`CL_WIDGET_TOKEN_${what}`, { sentence });
}

/** Binds a token to who asked for it, without telling the page its own address. */
function markOf(jti: string, { origin, address }: Bearer): string {
  return createHash('sha256').update(`${jti}\n${origin}\n${address}`).digest('base64url');
}

function passOf({ site, destination }: Pick<Issued, 'site' | 'destination'>): CallPass {
  const number = site.destinations.find(({ name }) => name === destination)?.number ?? '';
  let used = false;
  return {
    ...{ site: site.key, destination, number },
    ...{ callerId: site.callerId, displayName: site.displayName },
    maxDurationMs: site.maxDurationMs,
    use: () => {
      const first = !used;
      used = true;
      return first;
    },
  };
}
