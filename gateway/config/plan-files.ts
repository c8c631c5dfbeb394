import { resolve } from 'node:path';
import { parsePlanTests, type PlanTestSettings } from './plan-tests.js';
import { readText } from './read-text.js';
import type { CopperlineConfig } from './schema.js';

/** The files that the dialplan's settings name, read. */
export interface PlanFiles {
  rates: readonly RateFile[];
  /** Undefined when the settings name none. */
  tests: { file: string; tests: readonly PlanTestSettings[] } | undefined;
}

interface RateFile {
  trunk: string;
  /** Of rates that have none of their own, 0 to 100. */
  quality: number;
  file: string;
  /** CSV. */
  text: string;
}

/**
 * @param folder of the configuration file, to which paths are relative
 * @throws ConfigError CL_CONFIG_UNREADABLE, CL_CONFIG_INVALID
 */
export async function readPlanFiles(
  { dialplan }: CopperlineConfig,
  folder: string,
): Promise<PlanFiles> {
  const rates = await Promise.all(
    dialplan.rates.map(async ({ trunk, quality, file }) => {
      const path = resolve(folder, file);
      return { trunk, quality, file: path, text: await readText(path) };
    }),
  );
  if (dialplan.tests === undefined) return { rates, tests: undefined };
  const file = resolve(folder, dialplan.tests);
  return { rates, tests: { file, tests: parsePlanTests(await readText(file), file) } };
}
