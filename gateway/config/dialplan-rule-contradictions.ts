import type { Contradiction } from './contradiction.js';
import { trunkNames, unknown } from './dialplan-names.js';
import type { CopperlineConfig } from './schema.js';

type Rule = CopperlineConfig['dialplan']['rules'][number];
type At = readonly (string | number)[];

const ACTIONS = ['trunks', 'leastCost', 'refuse'] as const;
const NUMBER_CONDITIONS = ['prefixes', 'numbers', 'pattern', 'countries', 'types'] as const;

/** Rules of the ordered list that do nothing or two things, that can never fit, or that name what does not exist. */
export function orderedRuleContradictions(config: CopperlineConfig): Contradiction[] {
  const { dialplan } = config;
  const emergency = dialplan.emergency?.trunks ?? [];
  return [
    ...trunkNames(config, emergency, ['dialplan', 'emergency', 'trunks']),
    ...dialplan.rules.flatMap((rule, i) => {
      const at = ['dialplan', 'rules', i] as const;
      return [...action(rule, at), ...neverFits(rule, at), ...names(config, rule, at)];
    }),
    ...Object.entries(dialplan.groups).flatMap(([group, members]) =>
      userNames(config, members, ['dialplan', 'groups', group]),
    ),
  ];
}

function action(rule: Rule, at: At): Contradiction[] {
  const given = ACTIONS.filter((key) => rule[key] !== undefined);
  const [first, second] = given;
  if (first === undefined && rule.rewrite === undefined) {
    const what = 'is missing, and so are leastCost, refuse and rewrite';
    return [{ path: [...at, 'trunks'], what, allowed: 'one of trunks, leastCost and refuse' }];
  }
  if (second !== undefined) {
    const what = `stands beside ${first ?? ''}`;
    return [{ path: [...at, second], what, allowed: 'one of trunks, leastCost and refuse' }];
  }
  if (rule.refuse === undefined || rule.rewrite === undefined) return [];
  const what = 'stands beside refuse, which sends the number nowhere';
  return [{ path: [...at, 'rewrite'], what, allowed: 'rewrite with trunks, leastCost or alone' }];
}

function neverFits(rule: Rule, at: At): Contradiction[] {
  if (rule.short === undefined && rule.shortPattern === undefined) return [];
  const found = NUMBER_CONDITIONS.find((key) => rule[key] !== undefined);
  const short = rule.short === undefined ? 'shortPattern' : 'short';
  if (found !== undefined) {
    const what = `stands beside ${short}: no short code is a phone number`;
    return [{ path: [...at, found], what, allowed: `${short} or conditions on phone numbers` }];
  }
  if (rule.leastCost === undefined) return [];
  const what = `stands beside ${short}: no rate deck has short codes`;
  return [{ path: [...at, 'leastCost'], what, allowed: 'trunks' }];
}

function names(config: CopperlineConfig, rule: Rule, at: At): Contradiction[] {
  const { dialplan } = config;
  const groups = Object.keys(dialplan.groups);
  const decks = dialplan.rates.map(({ trunk }) => trunk);
  const { leastCost } = rule;
  const priced = (leastCost?.trunks ?? []).flatMap((name, i): Contradiction[] =>
    decks.includes(name)
      ? []
      : [
          {
            path: [...at, 'leastCost', 'trunks', i],
            what: 'is a trunk without a rate deck',
            allowed: decks.length === 0 ? 'a trunk of dialplan.rates' : decks.join(', '),
          },
        ],
  );
  const empty: Contradiction[] =
    leastCost !== undefined && leastCost.trunks === undefined && decks.length === 0
      ? [{ path: [...at, 'leastCost'], what: 'has no rate deck', allowed: 'with dialplan.rates' }]
      : [];
  return [
    ...trunkNames(config, rule.trunks ?? [], [...at, 'trunks']),
    ...trunkNames(config, leastCost?.fallback ?? [], [...at, 'leastCost', 'fallback']),
    ...priced,
    ...empty,
    ...userNames(config, rule.users ?? [], [...at, 'users']),
    ...(rule.groups ?? []).flatMap((name, i): Contradiction[] =>
      groups.includes(name)
        ? []
        : [{ path: [...at, 'groups', i], ...unknown('group', name, groups) }],
    ),
  ];
}

function userNames(config: CopperlineConfig, list: readonly string[], at: At): Contradiction[] {
  const users = config.users.map(({ name }) => name);
  return list.flatMap((name, i): Contradiction[] =>
    users.includes(name) ? [] : [{ path: [...at, i], ...unknown('user', name, users) }],
  );
}

/** One deck per trunk, for trunks that exist. */
export function rateContradictions(config: CopperlineConfig): Contradiction[] {
  const trunks = config.trunks.map(({ name }) => name);
  const decks = config.dialplan.rates.map(({ trunk }) => trunk);
  return decks.flatMap((trunk, i): Contradiction[] => {
    const path = ['dialplan', 'rates', i, 'trunk'];
    if (!trunks.includes(trunk)) return [{ path, ...unknown('trunk', trunk, trunks) }];
    if (decks.indexOf(trunk) === i) return [];
    return [{ path, what: 'has a rate deck already', allowed: 'one deck per trunk' }];
  });
}
