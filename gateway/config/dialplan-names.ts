import type { Path } from './config-error.js';
import type { Contradiction } from './contradiction.js';
import { didYouMean } from './did-you-mean.js';
import type { CopperlineConfig } from './schema.js';

/** What is wrong with a name of something that does not exist. */
export function unknown(
  kind: 'trunk' | 'user' | 'group' | 'site',
  name: string,
  names: readonly string[],
): Pick<Contradiction, 'what' | 'allowed'> {
  const guess = didYouMean(name, names);
  const hint = guess === undefined ? '' : ` (did you mean ${guess}?)`;
  const allowed = names.length === 0 ? `nothing: there are no ${kind}s` : names.join(', ');
  return { what: `names no ${kind}${hint}`, allowed };
}

/** A list of trunks in the order to try them: each must exist, and stand there once. */
export function trunkNames(
  config: CopperlineConfig,
  list: readonly string[],
  at: Path,
): Contradiction[] {
  const names = config.trunks.map((trunk) => trunk.name);
  return list.flatMap((name, i): Contradiction[] => {
    const path = [...at, i];
    if (!names.includes(name)) return [{ path, ...unknown('trunk', name, names) }];
    if (list.indexOf(name) === i) return [];
    return [{ path, what: 'is named twice', allowed: 'each trunk once' }];
  });
}
