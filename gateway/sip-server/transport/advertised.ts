import { networkInterfaces } from 'node:os';
import type { NetworkAddress } from './transport.js';

/** What the settings say of the address that peers are told. */
export interface AdvertisedName {
  host: string;
  /** The bound port when absent or 0. */
  port?: number | undefined;
}

/** The address for Via and Contact of a listener that is bound to `local`. */
export function advertisedAddress(
  local: NetworkAddress,
  name: AdvertisedName | undefined,
): NetworkAddress {
  const port = name?.port === undefined || name.port === 0 ? local.port : name.port;
  if (name !== undefined) return { host: name.host, port };
  return { host: isWildcard(local.host) ? ownAddress(local.host) : local.host, port };
}

/** Bound to every address of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Is this an address of this machine? */
export function isOwnAddress(host: string): boolean {
  return addresses().some(({ address }) => address === host);
}

/** No peer can use a wildcard: the first address that others may reach, else the loopback. */
function ownAddress(wildcard: string): string {
  const family = wildcard === '::' ? 'IPv6' : 'IPv4';
  const fitting = addresses().filter((one) => one.family === family);
  const outside = fitting.find(
    ({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80:'),
  );
  return (outside ?? fitting[0])?.address ?? wildcard;
}

function addresses(): { address: string; family: string; internal: boolean }[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? []);
}
