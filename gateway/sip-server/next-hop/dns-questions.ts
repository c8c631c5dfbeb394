import type { NaptrRecord, RecordWithTtl, SrvRecord } from 'node:dns';
import type { Clock } from '../../kernel/clock.js';
import { DnsCache, type Answer } from './dns-cache.js';
import type { DnsResolver } from './dns-resolver.js';

/** How long "there is no such record" and "no server answered" are believed. */
const NEGATIVE_TTL_S = 30;
const FAILURE_TTL_S = 5;

/** DNS with a cache; a question without an answer gives an empty list. */
export class DnsQuestions {
  readonly #resolver: DnsResolver;
  readonly #cache: DnsCache;

  constructor(resolver: DnsResolver, clock: Clock) {
    this.#resolver = resolver;
    this.#cache = new DnsCache(clock);
  }

  naptr(name: string): Promise<NaptrRecord[]> {
    return this.#cache.get(`NAPTR ${name}`, () =>
      answered(this.#resolver.resolveNaptr(name), undefined),
    );
  }

  srv(name: string): Promise<SrvRecord[]> {
    return this.#cache.get(`SRV ${name}`, () =>
      answered(this.#resolver.resolveSrv(name), undefined),
    );
  }

  /** The IP addresses of a host name. RFC 6761 section 6.3: `localhost` is no question for DNS. */
  addresses(name: string, family: 4 | 6): Promise<string[]> {
    if (name === 'localhost') return Promise.resolve([family === 4 ? '127.0.0.1' : '::1']);
    return this.#cache.get(`A${family} ${name}`, () => this.#askAddresses(name, family));
  }

  close(): void {
    this.#resolver.cancel();
  }

  async #askAddresses(name: string, family: 4 | 6): Promise<Answer<string[]>> {
    const options = { ttl: true } as const;
    const asked =
      family === 4
        ? this.#resolver.resolve4(name, options)
        : this.#resolver.resolve6(name, options);
    const { value: records, ttlSeconds } = await answered(asked, shortestTtl);
    if (records.length > 0) return { value: records.map(({ address }) => address), ttlSeconds };
    const local = await answered(this.#resolver.lookup(name, family), undefined);
    return local.value.length > 0 ? local : { value: [], ttlSeconds };
  }
}

async function answered<Value>(
  asked: Promise<Value[]>,
  ttlOf: ((records: Value[]) => number) | undefined,
): Promise<Answer<Value[]>> {
  try {
    const value = await asked;
    if (value.length === 0) return { value, ttlSeconds: NEGATIVE_TTL_S };
    return { value, ttlSeconds: ttlOf?.(value) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const none = code === 'ENOTFOUND' || code === 'ENODATA';
    return { value: [], ttlSeconds: none ? NEGATIVE_TTL_S : FAILURE_TTL_S };
  }
}

function shortestTtl(records: RecordWithTtl[]): number {
  return Math.min(...records.map(({ ttl }) => ttl));
}
