import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Trunk } from '../trunks/trunk.js';
import type { Finding } from './doctor-report.js';

/** The questions that the doctor asks of DNS; each rejects with a `code` when there is no answer. */
export interface DoctorDns {
  naptr(name: string): Promise<{ service: string; replacement: string }[]>;
  srv(name: string): Promise<{ name: string; port: number; priority: number; weight: number }[]>;
  /** IPv4 and IPv6, from DNS or from this machine's own table. */
  addresses(name: string): Promise<string[]>;
}

const TIMEOUT_MS = 3_000;

/** DNS as this machine is configured. */
export function systemDns(): DoctorDns {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  return {
    naptr: (name) => resolver.resolveNaptr(name),
    srv: (name) => resolver.resolveSrv(name),
    addresses: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  };
}

export interface DnsResult {
  findings: Finding[];
  /** Where the trunk is; empty when nobody knows. */
  places: { address: string; port: number }[];
}

const SRV_PREFIX = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const;
const MAX_HOSTS = 8;

/** Finds a trunk as the SIP server would (RFC 3263 section 4), and tells each step. */
export async function examineDns(trunk: Trunk, dns: DoctorDns): Promise<DnsResult> {
  const { host, transport } = trunk;
  const port = trunk.port ?? (transport === 'tls' ? 5061 : 5060);
  if (isIP(host) !== 0) {
    const fact = `${host} is an address; DNS is not asked.`;
    return {
      findings: [{ verdict: 'info', what: 'DNS', fact }],
      places: [{ address: host, port }],
    };
  }
  const findings: Finding[] = [];
  const hosts = trunk.port === undefined ? await srvHosts(trunk, dns, findings) : [];
  const asked = hosts.length > 0 ? hosts : [{ name: host, port }];
  const places = [];
  for (const one of asked.slice(0, MAX_HOSTS)) {
    const found = await dns.addresses(one.name).catch(() => []);
    places.push(...found.map((address) => ({ address, port: one.port })));
    findings.push(
      found.length === 0
        ? { verdict: 'fail', what: 'DNS address', fact: `${one.name} has no address.` }
        : { verdict: 'ok', what: 'DNS address', fact: `${one.name} is ${found.join(', ')}.` },
    );
  }
  return { findings, places };
}

async function srvHosts(
  { host, transport }: Trunk,
  dns: DoctorDns,
  findings: Finding[],
): Promise<{ name: string; port: number }[]> {
  const naptr = await dns.naptr(host).catch(() => []);
  const services = naptr.map(({ service, replacement }) => `${service} ${replacement}`);
  findings.push({
    verdict: 'info',
    what: 'DNS NAPTR',
    fact:
      naptr.length === 0
        ? `${host} has none.`
        : `${services.join(', ')}; the trunk's transport ${transport} decides.`,
  });
  const name = `${SRV_PREFIX[transport]}.${host}`;
  const records = await dns.srv(name).catch(() => []);
  const sorted = [...records].sort((a, b) => a.priority - b.priority || b.weight - a.weight);
  const list = sorted.map((one) => `${one.name}:${one.port} (${one.priority}/${one.weight})`);
  findings.push({
    verdict: 'info',
    what: 'DNS SRV',
    fact: list.length === 0 ? `${name} has none.` : `${name}: ${list.join(', ')}.`,
  });
  return sorted.filter((one) => one.name !== '');
}
