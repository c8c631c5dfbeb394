import { isIPv6 } from 'node:net';

/**
 * What stands for a visitor in quotas and tokens. An IPv6 host has a network of 2^64 addresses and changes among them (RFC 8981),
 * so the network counts, not the address.
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  if (tail === undefined) return networkOf(front);
  const back = tail === '' ? [] : tail.split(':');
  const gap = Math.max(0, 8 - front.length - back.length);
  return networkOf([...front, ...Array<string>(gap).fill('0'), ...back]);
}

function networkOf(groups: readonly string[]): string {
  const first = groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
