import type { Contradiction } from './contradiction.js';
import { didYouMean } from './did-you-mean.js';
import type { CopperlineConfig } from './schema.js';

type Route = CopperlineConfig['dialplan']['routes'][number];
type Refusal = CopperlineConfig['dialplan']['refuse'][number];

interface Rule {
  path: (string | number)[];
  rule: Route | Refusal;
}

/** Rules that name what does not exist, that match nothing, or that match the same as another. */
export function dialplanContradictions(config: CopperlineConfig): Contradiction[] {
  const rules: Rule[] = [
    ...config.dialplan.routes.map((rule, i) => ({ path: ['dialplan', 'routes', i], rule })),
    ...config.dialplan.refuse.map((rule, i) => ({ path: ['dialplan', 'refuse', i], rule })),
  ];
  return [
    ...rules.flatMap(({ path, rule }) => prefixOrShort(path, rule)),
    ...config.dialplan.routes.flatMap((route, i) => unknownTrunks(config, route, i)),
    ...rules.flatMap((rule) => unknownUsers(config, rule)),
    ...sameTwice(rules, (rule) => [{ key: rule.name.toLowerCase(), at: ['name'] }], 'name'),
    ...sameTwice(rules, matchKeys, 'match'),
  ];
}

function prefixOrShort(path: Rule['path'], rule: Rule['rule']): Contradiction[] {
  if (rule.prefix === undefined && rule.short === undefined) {
    const what = 'is missing, and so is short';
    return [{ path: [...path, 'prefix'], what, allowed: 'one of prefix and short' }];
  }
  if (rule.prefix === undefined || rule.short === undefined) return [];
  const what = 'stands beside prefix';
  return [{ path: [...path, 'short'], what, allowed: 'one of prefix and short' }];
}

function unknownTrunks(config: CopperlineConfig, route: Route, index: number): Contradiction[] {
  const names = config.trunks.map((trunk) => trunk.name);
  return route.trunks.flatMap((name, i): Contradiction[] => {
    const path = ['dialplan', 'routes', index, 'trunks', i];
    if (!names.includes(name)) return [{ path, ...unknown('trunk', name, names) }];
    if (route.trunks.indexOf(name) === i) return [];
    return [{ path, what: 'is named twice', allowed: 'each trunk once' }];
  });
}

function unknownUsers(config: CopperlineConfig, { path, rule }: Rule): Contradiction[] {
  const names = config.users.map((user) => user.name);
  return (rule.users ?? []).flatMap((name, i): Contradiction[] =>
    names.includes(name) ? [] : [{ path: [...path, 'users', i], ...unknown('user', name, names) }],
  );
}

function unknown(
  kind: 'trunk' | 'user',
  name: string,
  names: readonly string[],
): Pick<Contradiction, 'what' | 'allowed'> {
  const guess = didYouMean(name, names);
  const hint = guess === undefined ? '' : ` (did you mean ${guess}?)`;
  const allowed = names.length === 0 ? `nothing: there are no ${kind}s` : names.join(', ');
  return { what: `names no ${kind}${hint}`, allowed };
}

interface Key {
  key: string;
  at: (string | number)[];
}

/** Two rules for the same numbers and the same callers: which one decides would be chance. */
function matchKeys(rule: Rule['rule']): Key[] {
  const users = rule.users ?? ['*'];
  const numbers =
    rule.prefix === undefined
      ? (rule.short ?? []).map((code, i): Key => ({ key: code, at: ['short', i] }))
      : [{ key: rule.prefix, at: ['prefix'] }];
  return numbers.flatMap(({ key, at }) => users.map((user) => ({ key: `${key} ${user}`, at })));
}

function sameTwice(
  rules: readonly Rule[],
  keysOf: (rule: Rule['rule']) => Key[],
  kind: 'name' | 'match',
): Contradiction[] {
  const seen = new Map<string, Rule>();
  return rules.flatMap((entry): Contradiction[] => {
    const found = new Map<string, Contradiction>();
    for (const { key, at } of keysOf(entry.rule)) {
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, entry);
        continue;
      }
      const what =
        kind === 'name'
          ? 'is the name of another rule as well'
          : `is the same as in the rule ${first.rule.name}`;
      const allowed =
        kind === 'name' ? 'each name once' : 'each prefix and short code once for the same caller';
      found.set(at.join('.'), { path: [...entry.path, ...at], what, allowed });
    }
    return [...found.values()];
  });
}
