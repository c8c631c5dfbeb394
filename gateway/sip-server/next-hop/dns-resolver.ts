import { lookup, Resolver } from 'node:dns/promises';
import type { NaptrRecord, RecordWithTtl, SrvRecord } from 'node:dns';

/** The part of node:dns/promises that is used; each rejects with a `code` when there is no answer. */
export interface DnsResolver {
  resolveNaptr(name: string): Promise<NaptrRecord[]>;
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolve4(name: string, options: { ttl: true }): Promise<RecordWithTtl[]>;
  resolve6(name: string, options: { ttl: true }): Promise<RecordWithTtl[]>;
  /** What only this machine knows (/etc/hosts): asked when DNS knows no address. */
  lookup(name: string, family: 4 | 6): Promise<string[]>;
  cancel(): void;
}

/** Long enough for a slow server, short enough for a caller who waits. */
const TIMEOUT_MS = 2_000;
const TRIES = 2;

/** DNS as this machine is configured. */
export function systemResolver(): DnsResolver {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return {
    resolveNaptr: (name) => resolver.resolveNaptr(name),
    resolveSrv: (name) => resolver.resolveSrv(name),
    resolve4: (name, options) => resolver.resolve4(name, options),
    resolve6: (name, options) => resolver.resolve6(name, options),
    lookup: async (name, family) =>
      (await lookup(name, { all: true, family })).map(({ address }) => address),
    cancel: () => {
      resolver.cancel();
    },
  };
}
