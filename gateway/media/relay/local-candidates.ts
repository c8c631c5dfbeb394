import { networkInterfaces } from 'node:os';
import type { LocalCandidate } from '../sdp/write-sdp.js';

/** RFC 8445 section 5.1.2.1: type preference 126 for host candidates, component 1. */
const HOST_PREFERENCE = 126 * 2 ** 24;

/** What browsers are told of a port of ours. */
export function localCandidates(
  { host, advertised }: { host: string; advertised?: string | undefined },
  port: number,
): LocalCandidate[] {
  const addresses = host === '0.0.0.0' ? interfaceAddresses() : [host];
  if (advertised !== undefined) addresses.unshift(advertised);
  return [...new Set(addresses)].map((address, index) => ({
    address,
    port,
    priority: HOST_PREFERENCE + (65_535 - index) * 256 + 255,
  }));
}

/** IPv4 of all interfaces; loopback last, for browsers on the same machine. */
function interfaceAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const ipv4 = all.filter((entry) => entry.family === 'IPv4');
  return [
    ...ipv4.filter((entry) => !entry.internal),
    ...ipv4.filter((entry) => entry.internal),
  ].map((entry) => entry.address);
}
