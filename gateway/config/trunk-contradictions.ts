import type { Path } from './config-error.js';
import type { Contradiction } from './contradiction.js';
import type { CopperlineConfig } from './schema.js';

/** Trunks that cannot be told apart, or whose settings exclude each other. */
export function trunkContradictions({ trunks, media }: CopperlineConfig): Contradiction[] {
  return [
    ...sameInboundUser(trunks),
    ...withoutOffer(trunks, media.engine),
    ...trunks.flatMap((trunk, index) => missing(trunk, ['trunks', index])),
  ];
}

/** The answer to a trunk's own offer has to be made beside that to the browser's. */
function withoutOffer(trunks: Trunks, engine: string): Contradiction[] {
  if (engine === 'relay') return [];
  const what = `is true, but ${engine} (media.engine) cannot answer the offer of a trunk`;
  return trunks.flatMap(({ delayedOffer }, index): Contradiction[] =>
    delayedOffer
      ? [
          {
            path: ['trunks', index, 'delayedOffer'],
            what,
            allowed: 'false, or media.engine: relay',
          },
        ]
      : [],
  );
}

/** Settings that need another one. */
function missing(trunk: Trunks[number], path: Path): Contradiction[] {
  const { numberFormat, from, country, credentials, registration } = trunk;
  const needs: { when: boolean; has: boolean; key: string; what: string; allowed: string }[] = [
    {
      when: numberFormat === 'national' || from.numberFormat === 'national',
      has: country !== undefined,
      ...{ key: 'country', what: 'is missing, but numbers are to be written as national' },
      allowed: 'the country of the carrier, such as DE',
    },
    {
      when:
        from.user === 'account' || (registration !== undefined && registration.user === undefined),
      has: credentials !== undefined,
      key: 'credentials',
      what: `is missing, but ${registration === undefined ? 'from.user is account' : 'the trunk is to register'}`,
      allowed: 'a mapping of username and password',
    },
  ];
  return needs
    .filter(({ when, has }) => when && !has)
    .map(({ key, what, allowed }) => ({ path: [...path, key], what, allowed }));
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
