import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Where a trunk is, as far as DNS knows. */
export interface TrunkPlace {
  host: string;
  /** Given: SRV is not asked (RFC 3263 section 4.2). */
  port?: number | undefined;
  transport: 'udp' | 'tcp' | 'tls';
}

/** The IP addresses of a place; rejects with a sentence when there is none. */
export type HostLookup = (place: TrunkPlace, signal: AbortSignal) => Promise<readonly string[]>;

const SRV_PREFIX = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const;
const TIMEOUT_MS = 3_000;
const TRIES = 2;
/** What one name may make us ask. */
const MAX_SRV = 16;

/** DNS as this machine is configured, and what it knows by itself (/etc/hosts). */
export const systemLookup: HostLookup = async (place, signal) => {
  if (isIP(place.host) !== 0) return [place.host];
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  const cancel = (): void => {
    resolver.cancel();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const hosts = await srvTargets(resolver, place);
    const found = await Promise.all(hosts.map((host) => addressesOf(resolver, host)));
    const addresses = [...new Set(found.flat())];
    if (addresses.length === 0) throw new Error(`DNS has no address for ${place.host}`);
    return addresses;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
};

async function srvTargets(resolver: Resolver, place: TrunkPlace): Promise<string[]> {
  if (place.port !== undefined) return [place.host];
  const name = `${SRV_PREFIX[place.transport]}.${place.host}`;
  const records = await resolver.resolveSrv(name).catch(() => []);
  const targets = records.map((record) => record.name).filter((target) => target !== '');
  return targets.length === 0 ? [place.host] : targets.slice(0, MAX_SRV);
}

async function addressesOf(resolver: Resolver, host: string): Promise<string[]> {
  const none = (): string[] => [];
  const [four, six] = await Promise.all([
    resolver.resolve4(host).catch(none),
    resolver.resolve6(host).catch(none),
  ]);
  if (four.length + six.length > 0) return [...four, ...six];
  const local = await lookup(host, { all: true }).catch(() => []);
  return local.map(({ address }) => address);
}
