import type { Path } from './config-error.js';
import type { Contradiction } from './contradiction.js';
import { didYouMean } from './did-you-mean.js';
import type { CopperlineConfig } from './schema.js';

type Inbound = CopperlineConfig['inbound'];
type NumberRule = Inbound['numbers'][number];

/** Rules for called numbers that lead nowhere or to two places, and names that mean two users. */
export function inboundContradictions(config: CopperlineConfig): Contradiction[] {
  const { numbers, groups } = config.inbound;
  return [
    ...twice(numbers, ['inbound', 'numbers']),
    ...twice(groups, ['inbound', 'groups']),
    ...numbers.flatMap((rule, index) => oneTarget(rule, ['inbound', 'numbers', index])),
    ...numbers.flatMap((rule, index) => unknownNames(config, rule, index)),
    ...groups.flatMap((group, index) =>
      group.members.flatMap(({ user }, at) =>
        unknown(config, { kind: 'user', name: user }, [
          'inbound',
          'groups',
          index,
          'members',
          at,
          'user',
        ]),
      ),
    ),
    ...sameNumbers(numbers),
    ...extensions(config),
  ];
}

function twice(list: readonly { name: string }[], path: Path): Contradiction[] {
  return list.flatMap(({ name }, index): Contradiction[] => {
    const first = list.findIndex((one) => one.name.toLowerCase() === name.toLowerCase());
    if (first === index) return [];
    const what = `is the same name as that of number ${first + 1} in the list`;
    return [{ path: [...path, index, 'name'], what, allowed: 'each name once, in any case' }];
  });
}

const TARGETS = ['user', 'group', 'refuse'] as const;

function oneTarget(rule: NumberRule, path: Path): Contradiction[] {
  const given = TARGETS.filter((key) => rule[key] !== undefined);
  const [first, second] = given;
  if (first === undefined) {
    const what = 'is missing, and so are group and refuse';
    return [{ path: [...path, 'user'], what, allowed: 'one of user, group and refuse' }];
  }
  if (second !== undefined) {
    const what = `stands beside ${first}`;
    return [{ path: [...path, second], what, allowed: 'one of user, group and refuse' }];
  }
  if (first !== 'refuse' || rule.fallback === undefined) return [];
  const what = 'stands beside refuse, after which nobody else is called';
  return [{ path: [...path, 'fallback'], what, allowed: 'fallback beside user or group' }];
}

function unknownNames(config: CopperlineConfig, rule: NumberRule, index: number): Contradiction[] {
  const path = ['inbound', 'numbers', index];
  const named = (kind: Kind, name: string | undefined): Contradiction[] =>
    name === undefined ? [] : unknown(config, { kind, name }, [...path, kind]);
  const trunks = (rule.trunks ?? []).flatMap((name, at) =>
    unknown(config, { kind: 'trunk', name }, [...path, 'trunks', at]),
  );
  return [...named('user', rule.user), ...named('group', rule.group), ...trunks];
}

type Kind = 'user' | 'group' | 'trunk';

function unknown(
  config: CopperlineConfig,
  { kind, name }: { kind: Kind; name: string },
  path: Path,
): Contradiction[] {
  const lists = { user: config.users, group: config.inbound.groups, trunk: config.trunks };
  const names = lists[kind].map((one) => one.name);
  if (names.includes(name)) return [];
  const guess = didYouMean(name, names);
  const hint = guess === undefined ? '' : ` (did you mean ${guess}?)`;
  const allowed = names.length === 0 ? `nothing: there are no ${kind}s` : names.join(', ');
  return [{ path, what: `names no ${kind}${hint}`, allowed }];
}

/** Two rules for the same numbers of the same trunks: which one decides would be chance. */
function sameNumbers(rules: readonly NumberRule[]): Contradiction[] {
  const seen = new Map<string, string>();
  return rules.flatMap((rule, index) =>
    rule.numbers.flatMap((number, at): Contradiction[] => {
      const keys = (rule.trunks ?? ['*']).map((trunk) => `${trunk} ${number}`);
      const first = keys.map((key) => seen.get(key)).find((name) => name !== undefined);
      for (const key of keys) seen.set(key, rule.name);
      if (first === undefined) return [];
      const path = ['inbound', 'numbers', index, 'numbers', at];
      const what = `is the same as in the rule ${first}`;
      return [{ path, what, allowed: 'each number once for the same trunk' }];
    }),
  );
}

/** What is dialled must mean one user, or a route of the dialplan, not both. */
function extensions({ users, dialplan }: CopperlineConfig): Contradiction[] {
  const routes = new Map<string, string>();
  for (const rule of [...dialplan.routes, ...dialplan.refuse])
    for (const code of rule.short ?? []) routes.set(code, rule.name);
  const owners = new Map<string, string>();
  return users.flatMap((user, index) =>
    (['name', 'extension'] as const).flatMap((key): Contradiction[] => {
      const value = user[key];
      if (value === undefined) return [];
      const path = ['users', index, key];
      const rule = routes.get(value);
      if (rule !== undefined) {
        const what = `is a short code of the dialplan's rule ${rule} as well`;
        return [{ path, what, allowed: 'what is no short code' }];
      }
      const owner = owners.get(value);
      owners.set(value, user.name);
      if (owner === undefined || key === 'name') return [];
      const what = `leads to the user ${owner} already`;
      return [{ path, what, allowed: 'each extension once' }];
    }),
  );
}
