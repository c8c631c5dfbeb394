import { BlockList, isIP } from 'node:net';

/** Addresses and networks, to be found quickly. */
export class TrustedNetworks {
  readonly #list = new BlockList();

  /** @throws Error on an entry that is neither */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = '', prefix] = entry.split('/');
      const family = isIP(address);
      const bits = Number(prefix ?? (family === 6 ? 128 : 32));
      if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32))
        throw new Error(`"${entry}" is no IP address and no network.`);
      this.#list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  has(host: string): boolean {
    const family = isIP(host);
    return family !== 0 && this.#list.check(host, family === 6 ? 'ipv6' : 'ipv4');
  }
}
