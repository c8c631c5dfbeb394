import type { Contradiction } from './contradiction.js';
import type { CopperlineConfig } from './schema.js';

/** Trunks that cannot be told apart, or whose settings exclude each other. */
export function trunkContradictions({ trunks }: CopperlineConfig): Contradiction[] {
  return sameInboundUser(trunks);
}

type Trunks = CopperlineConfig['trunks'];

function sameInboundUser(trunks: Trunks): Contradiction[] {
  const seen = new Map<string, number>();
  return trunks.flatMap(({ inbound: { credentials } }, index): Contradiction[] => {
    if (credentials === undefined) return [];
    const first = seen.get(credentials.username);
    seen.set(credentials.username, first ?? index);
    if (first === undefined) return [];
    const path = ['trunks', index, 'inbound', 'credentials', 'username'];
    const what = `is the same as that of trunks[${first}], so that nobody could say whose call it is`;
    return [{ path, what, allowed: 'a user name of its own for each trunk' }];
  });
}
