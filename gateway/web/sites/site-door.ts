import type { FastifyReply, FastifyRequest } from 'fastify';
import { CopperlineError } from '../../kernel/errors.js';
import { browserAddress } from '../peer-address.js';
import { addressKey } from '../tokens/address-key.js';
import type { Bearer } from '../tokens/one-call-tokens.js';
import type { WebOptions } from '../web-options.js';
import { AddressRates } from './address-rates.js';
import type { Site } from './site.js';
import { allowOrigin, isOriginOf } from './site-origin.js';

export interface SiteRequest {
  Params: { key: string };
}

/** Who asks, and from where exactly. */
export interface Visitor extends Bearer {
  ip: string;
}

/** Looks at each request of a widget before anything else does. */
export class SiteDoor {
  readonly #sites: ReadonlyMap<string, Site>;
  readonly #rates: AddressRates;
  readonly #trustProxy: boolean;

  constructor({ sites = [], clock, settings }: WebOptions) {
    this.#sites = new Map(sites.map((site) => [site.key, site]));
    this.#rates = new AddressRates(clock);
    this.#trustProxy = settings.trustProxy;
  }

  /**
   * The site that a page of its own asks for; from now on the page may read the answer.
   * @throws CopperlineError CL_WIDGET_SITE_UNKNOWN, CL_WIDGET_ORIGIN
   */
  admit(request: FastifyRequest<SiteRequest>, reply: FastifyReply): Site {
    reply.headers({ 'Cache-Control': 'no-store', Vary: 'Origin' });
    const site = this.#sites.get(request.params.key);
    if (site === undefined)
      throw new CopperlineError('CL_WIDGET_SITE_UNKNOWN', { sentence: 'No site has that key.' });
    const { origin } = request.headers;
    // A page of this very gateway sends no Origin with a GET; nobody else's can read the answer.
    if (request.method === 'GET' && origin === undefined) return site;
    if (!isOriginOf(site, request.headers)) throw foreignOrigin(origin);
    allowOrigin(request, reply);
    return site;
  }

  /** @throws CopperlineError CL_WIDGET_RATE */
  visitor(request: FastifyRequest): Visitor {
    const ip = browserAddress(request.raw, this.#trustProxy);
    const address = addressKey(ip);
    if (!this.#rates.take(address))
      throw new CopperlineError('CL_WIDGET_RATE', {
        sentence: 'Too many requests came from your network; wait a moment.',
      });
    return { origin: request.headers.origin ?? '', address, ip };
  }
}

function foreignOrigin(origin: string | undefined): CopperlineError {
  const named = origin !== undefined && URL.canParse(origin) ? new URL(origin).origin : undefined;
  return new CopperlineError('CL_WIDGET_ORIGIN', {
    sentence:
      named === undefined
        ? 'The Origin header is missing, or names no page.'
        : `The Origin ${named} is none of this site.`,
  });
}
