import type { Clock } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { passUser } from '../../signaling/call-pass.js';
import { grantIceServers, type PlainIceServer } from '../ice-servers.js';
import { SIP_PATH } from '../sip-path.js';
import type { Bearer, OneCallTokens } from '../tokens/one-call-tokens.js';
import { ProofOfWork } from '../tokens/proof-of-work.js';
import type { WebSettings } from '../web-options.js';
import type { Site } from './site.js';
import type { Visitor } from './site-door.js';

/** What a page needs for its one call. */
interface CallGrant {
  token: string;
  sipPath: string;
  domain: string;
  /** Of the From address; no account. */
  user: string;
  /** User part of the request-URI. */
  destination: string;
  iceServers: PlainIceServer[];
}

type Challenge = { kind: 'none' | 'turnstile-like' } | PowChallenge;

interface PowChallenge {
  kind: 'proof-of-work';
  challenge: string;
  bits: number;
}

/** Decides whether a page may place a call: hours, challenge, quotas, in this order. */
export class CallDesk {
  readonly #options: {
    tokens: OneCallTokens;
    clock: Clock;
    settings: Pick<WebSettings, 'iceServers' | 'turn' | 'tokenKey'>;
    domain: string;
  };
  readonly #work: ProofOfWork;

  constructor(options: {
    tokens: OneCallTokens;
    clock: Clock;
    settings: Pick<WebSettings, 'iceServers' | 'turn' | 'tokenKey'>;
    domain: string;
  }) {
    this.#options = options;
    this.#work = new ProofOfWork(options.clock, options.settings.tokenKey);
  }

  async challenge(site: Site, bearer: Bearer): Promise<Challenge> {
    const { challenge } = site;
    if (challenge.kind !== 'proof-of-work') return { kind: challenge.kind };
    const { kind, bits } = challenge;
    return { kind, bits, challenge: await this.#work.challenge(site.key, bits, bearer) };
  }

  /**
   * @param asked JSON of the page: `destination`, `challenge` and `solution` of a proof of work, `response` of a challenge service
   * @throws CopperlineError CL_WIDGET_CLOSED, CL_WIDGET_DESTINATION, CL_WIDGET_CHALLENGE, CL_WIDGET_CHALLENGE_SERVICE, CL_WIDGET_QUOTA
   */
  async token(site: Site, asked: unknown, bearer: Visitor): Promise<CallGrant> {
    const { tokens, clock, settings, domain } = this.#options;
    if (!site.isOpen(clock.now()))
      throw new CopperlineError('CL_WIDGET_CLOSED', {
        sentence: 'Nobody takes calls at this time.',
      });
    const destination = textOf(asked, 'destination') ?? site.defaultDestination;
    if (!site.destinations.some(({ name }) => name === destination)) {
      const sentence = 'The site has no destination of that name.';
      throw new CopperlineError('CL_WIDGET_DESTINATION', { sentence });
    }
    const sentence = await this.#challengeDefect(site, asked, bearer);
    if (sentence !== undefined) throw new CopperlineError('CL_WIDGET_CHALLENGE', { sentence });
    const { origin, address } = bearer;
    const user = passUser(site.key);
    return {
      token: await tokens.issue(site, destination, { origin, address }),
      ...{ sipPath: SIP_PATH, domain, user, destination },
      iceServers: grantIceServers(settings, user, clock.now()).iceServers,
    };
  }

  async #challengeDefect(site: Site, asked: unknown, bearer: Visitor): Promise<string | undefined> {
    switch (site.challenge.kind) {
      case 'none':
        return undefined;
      case 'proof-of-work': {
        const challenge = textOf(asked, 'challenge');
        const solution = textOf(asked, 'solution');
        if (challenge === undefined || solution === undefined)
          return 'The site asks for a proof of work, and the request has none.';
        return this.#work.defect(site.key, { challenge, solution }, bearer);
      }
      case 'turnstile-like': {
        const response = textOf(asked, 'response');
        if (response === undefined || response.length > 4_096)
          return 'The site asks for the answer of its challenge service, and the request has none.';
        const good = await site.challenge.verify(response, bearer.ip);
        return good ? undefined : 'The challenge service did not accept the answer.';
      }
    }
  }
}

function textOf(body: unknown, key: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(body, key)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
