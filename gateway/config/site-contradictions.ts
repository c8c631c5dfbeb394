import type { Path } from './config-error.js';
import type { Contradiction } from './contradiction.js';
import { unknown } from './dialplan-names.js';
import type { CopperlineConfig } from './schema.js';

type Site = CopperlineConfig['sites'][number];

/** Sites that cannot be told apart or lead nowhere, and rules for sites that do not exist. */
export function siteContradictions({ sites, dialplan }: CopperlineConfig): Contradiction[] {
  const keys = sites.map(({ key }) => key);
  return [
    ...twice(keys, (index) => ['sites', index, 'key']),
    ...sites.flatMap((site, index) => [...destinations(site, index), ...challenge(site, index)]),
    ...dialplan.rules.flatMap((rule, index) =>
      (rule.sites ?? []).flatMap((name, at): Contradiction[] =>
        keys.includes(name)
          ? []
          : [{ path: ['dialplan', 'rules', index, 'sites', at], ...unknown('site', name, keys) }],
      ),
    ),
  ];
}

function twice(names: readonly string[], pathOf: (index: number) => Path): Contradiction[] {
  return names.flatMap((name, index): Contradiction[] => {
    const first = names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
    if (first === index) return [];
    const what = `is the same as that of number ${first + 1} in the list`;
    return [{ path: pathOf(index), what, allowed: 'each once, in any case' }];
  });
}

function destinations({ destinations, defaultDestination }: Site, index: number): Contradiction[] {
  const names = destinations.map(({ name }) => name);
  const found = twice(names, (at) => ['sites', index, 'destinations', at, 'name']);
  if (defaultDestination === undefined || names.includes(defaultDestination)) return found;
  const path = ['sites', index, 'defaultDestination'];
  return [...found, { path, what: 'names no destination of the site', allowed: names.join(', ') }];
}

function challenge({ challenge, turnstile }: Site, index: number): Contradiction[] {
  const asked = challenge === 'turnstile-like';
  if (asked === (turnstile !== undefined)) return [];
  const path = ['sites', index, 'turnstile'];
  return asked
    ? [
        {
          path,
          what: 'is missing',
          allowed: 'verifyUrl and secret, with challenge: turnstile-like',
        },
      ]
    : [
        {
          path,
          what: `stands beside challenge: ${challenge}`,
          allowed: 'only with turnstile-like',
        },
      ];
}
