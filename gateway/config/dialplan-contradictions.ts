import type { Contradiction } from './contradiction.js';
import { trunkNames, unknown } from './dialplan-names.js';
import { orderedRuleContradictions, rateContradictions } from './dialplan-rule-contradictions.js';
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
    ...sameTwice(rules, matchKeys),
    ...orderedRuleContradictions(config),
    ...rateContradictions(config),
    ...namesTwice(config),
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
  return trunkNames(config, route.trunks, ['dialplan', 'routes', index, 'trunks']);
}

function unknownUsers(config: CopperlineConfig, { path, rule }: Rule): Contradiction[] {
  const names = config.users.map((user) => user.name);
  return (rule.users ?? []).flatMap((name, i): Contradiction[] =>
    names.includes(name) ? [] : [{ path: [...path, 'users', i], ...unknown('user', name, names) }],
  );
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

function sameTwice(rules: readonly Rule[], keysOf: (rule: Rule['rule']) => Key[]): Contradiction[] {
  const seen = new Map<string, Rule>();
  return rules.flatMap((entry): Contradiction[] => {
    const found = new Map<string, Contradiction>();
    for (const { key, at } of keysOf(entry.rule)) {
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, entry);
        continue;
      }
      const what = `is the same as in the rule ${first.rule.name}`;
      const allowed = 'each prefix and short code once for the same caller';
      found.set(at.join('.'), { path: [...entry.path, ...at], what, allowed });
    }
    return [...found.values()];
  });
}

function namesTwice({ dialplan }: CopperlineConfig): Contradiction[] {
  const seen = new Set(['emergency']);
  return (['rules', 'routes', 'refuse'] as const).flatMap((list) =>
    dialplan[list].flatMap(({ name }, i): Contradiction[] => {
      const key = name.toLowerCase();
      if (!seen.has(key)) {
        seen.add(key);
        return [];
      }
      const what =
        key === 'emergency'
          ? 'is the name of the rule for emergency numbers'
          : 'is the name of another rule as well';
      return [{ path: ['dialplan', list, i, 'name'], what, allowed: 'each name once' }];
    }),
  );
}
