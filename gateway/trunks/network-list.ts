import { BlockList, isIP } from 'node:net';

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
interface Network {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/** Undefined for what is neither an address nor a network; a name is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const most = version === 6 ? 128 : 32;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most ? undefined : { address, bits, family: version === 6 ? 'ipv6' : 'ipv4' };
}

/** An IPv4 address that a dual-stack socket shows as `::ffff:192.0.2.7` (RFC 4291 section 2.5.5.2) in its own form. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** Addresses and networks, to be asked about an address. */
export class NetworkList {
  readonly #lists: { bits: number; list: BlockList }[] = [];

  /** Entries that are no networks are left out; the configuration has refused them. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const network = parseNetwork(entry);
      if (network === undefined) continue;
      const list = new BlockList();
      list.addSubnet(network.address, network.bits, network.family);
      // An IPv6 prefix of 96 + n bits is as narrow as an IPv4 one of n.
      this.#lists.push({ bits: network.bits + (network.family === 'ipv4' ? 96 : 0), list });
    }
  }

  /** How narrow the narrowest network with that address is, as bits of IPv6; undefined when there is none. */
  match(address: string): number | undefined {
    const version = isIP(address);
    if (version === 0) return undefined;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    let best: number | undefined;
    for (const { bits, list } of this.#lists)
      if (list.check(address, family) && (best === undefined || bits > best)) best = bits;
    return best;
  }
}
