import type { NumberType } from './dialplan-config.js';
import type { NumberFacts } from './number-facts.js';

/**
 * Ranges that no call reaches unless the guard's `open` names them: what callers are billed by the number, and networks
 * without a country, where toll fraud earns its money. Country codes after ITU-T E.164 annex D.
 */
const NETWORKS: readonly (readonly [prefix: string, what: string])[] = [
  ['+870', 'Inmarsat satellite phones'],
  ['+881', 'satellite phones'],
  ['+882', 'international networks'],
  ['+883', 'international networks'],
  ['+888', 'international disaster relief'],
  ['+979', 'international premium-rate numbers'],
];

const TYPES: Partial<Record<NumberType, string>> = {
  'premium-rate': 'premium-rate numbers',
  'shared-cost': 'shared-cost numbers',
};

/** What makes a number expensive, in words; undefined for others. */
export function expensiveRange(number: string, facts: NumberFacts): string | undefined {
  const network = NETWORKS.find(([prefix]) => number.startsWith(prefix));
  if (network !== undefined) return network[1];
  const [type] = facts.types;
  return type === undefined ? undefined : TYPES[type];
}
