import { createDialplan, type ExplainingDialplan } from '../dialplan/create-dialplan.js';
import { runPlanTests } from '../dialplan/plan-tests.js';
import type { RateDeck } from '../dialplan/rates/rate-deck.js';
import { readRates } from '../dialplan/rates/read-rates.js';
import { ConfigError } from './config/config-error.js';
import type { LoadedConfig } from './config/load.js';

/** The settings and files of a dialplan become one. */
export type PlanSources = Pick<LoadedConfig, 'config' | 'planFiles'>;

/**
 * @param now wall clock, ms since the Unix epoch
 * @throws ConfigError CL_CONFIG_INVALID for a rate deck that cannot be read, with its lines
 */
export async function buildDialplan(
  { config, planFiles }: PlanSources,
  now?: () => number,
): Promise<ExplainingDialplan> {
  const decks: RateDeck[] = [];
  for (const { trunk, quality, file, text } of planFiles.rates) {
    const { rates, problems } = await readRates(text);
    if (problems.length > 0) {
      const found = problems.map(({ line, sentence }) => ({
        ...{ path: '', sentence },
        line: line === 0 ? undefined : line,
      }));
      throw new ConfigError('CL_CONFIG_INVALID', file, found);
    }
    decks.push({ trunk, quality, rates });
  }
  return createDialplan(config.dialplan, { decks, ...(now === undefined ? {} : { now }) });
}

/**
 * Holds a dialplan against the tests that its settings name.
 * @returns how many there are
 * @throws ConfigError CL_CONFIG_INVALID with those that fail
 */
export function testDialplan(dialplan: ExplainingDialplan, { planFiles }: PlanSources): number {
  const { tests } = planFiles;
  if (tests === undefined) return 0;
  const failures = runPlanTests(dialplan, tests.tests);
  if (failures.length === 0) return tests.tests.length;
  const problems = failures.map(({ index, sentence }) => ({
    ...{ path: `[${index}]`, sentence, line: undefined },
  }));
  throw new ConfigError('CL_CONFIG_INVALID', tests.file, problems);
}
