import type { NaptrRecord, RecordWithTtl, SrvRecord } from 'node:dns';
import type { DnsResolver } from '../../../gateway/sip-server/next-hop/dns-resolver.js';

export interface Zone {
  naptr?: Record<string, NaptrRecord[]>;
  srv?: Record<string, SrvRecord[]>;
  a?: Record<string, RecordWithTtl[]>;
  aaaa?: Record<string, RecordWithTtl[]>;
  hosts?: Record<string, string>;
}

/** DNS as a test says; every question is written down. */
export class ScriptedDns implements DnsResolver {
  readonly asked: string[] = [];
  zone: Zone;

  constructor(zone: Zone = {}) {
    this.zone = zone;
  }

  resolveNaptr(name: string): Promise<NaptrRecord[]> {
    return this.#answer('NAPTR', name, this.zone.naptr?.[name]);
  }

  resolveSrv(name: string): Promise<SrvRecord[]> {
    return this.#answer('SRV', name, this.zone.srv?.[name]);
  }

  resolve4(name: string): Promise<RecordWithTtl[]> {
    return this.#answer('A', name, this.zone.a?.[name]);
  }

  resolve6(name: string): Promise<RecordWithTtl[]> {
    return this.#answer('AAAA', name, this.zone.aaaa?.[name]);
  }

  lookup(name: string): Promise<string[]> {
    const address = this.zone.hosts?.[name];
    return this.#answer('hosts', name, address === undefined ? undefined : [address]);
  }

  cancel(): void {
    this.asked.push('cancelled');
  }

  #answer<Value>(type: string, name: string, records: Value[] | undefined): Promise<Value[]> {
    this.asked.push(`${type} ${name}`);
    if (records !== undefined) return Promise.resolve(records);
    return Promise.reject(Object.assign(new Error(`${type} ${name}`), { code: 'ENOTFOUND' }));
  }
}

export function srvRecord(
  name: string,
  port: number,
  rank: { priority?: number; weight?: number } = {},
): SrvRecord {
  return { name, port, priority: rank.priority ?? 0, weight: rank.weight ?? 0 };
}

export function naptrRecord(service: string, replacement: string, order = 0): NaptrRecord {
  return { flags: 's', service, regexp: '', replacement, order, preference: 0 };
}

export const address = (ip: string, ttl = 60): RecordWithTtl[] => [{ address: ip, ttl }];
