import { ConfigError, type ConfigProblem, type Path } from './config-error.js';
import { findContradictions } from './contradictions.js';
import { deepFreeze } from './deep-freeze.js';
import { resolveReferences, type Environment } from './env-references.js';
import { problemAt, toProblems, type ProblemContext } from './problems.js';
import { configSchema, type CopperlineConfig } from './schema.js';
import { parseYaml } from './yaml-source.js';

/**
 * The text of a `copperline.yaml` as settings.
 * @param source how messages call the text: the file's name
 * @throws ConfigError CL_CONFIG_UNREADABLE, CL_CONFIG_ENV_MISSING, CL_CONFIG_INVALID with all problems
 */
export function parseConfig(text: string, source: string, env: Environment): CopperlineConfig {
  const yaml = parseYaml(text, source);
  const lineOf = (path: Path): number | undefined => yaml.lineOf(path);
  const written = yaml.data ?? {};
  const resolved = resolveReferences(written, env, lineOf);
  if (resolved.malformed.length > 0) {
    throw new ConfigError('CL_CONFIG_INVALID', source, resolved.malformed);
  }
  if (resolved.missing.length > 0) {
    throw new ConfigError('CL_CONFIG_ENV_MISSING', source, resolved.missing);
  }
  return checkConfig(resolved.data, { source, written, lineOf });
}

interface CheckContext {
  source: string;
  written: unknown;
  lineOf: ProblemContext['lineOf'];
}

/**
 * Settings as plain data (defaults may be missing), checked, completed and frozen.
 * @throws ConfigError CL_CONFIG_INVALID with all problems
 */
export function checkConfig(data: unknown, context: CheckContext): CopperlineConfig {
  const problemContext: ProblemContext = { schema: configSchema, ...context };
  const result = configSchema.safeParse(data);
  let problems: ConfigProblem[];
  if (result.success) {
    const config: CopperlineConfig = result.data;
    problems = findContradictions(config).map((found) => problemAt(found, problemContext));
    if (problems.length === 0) return deepFreeze(config);
  } else {
    problems = result.error.issues.flatMap((issue) => toProblems(issue, problemContext));
  }
  throw new ConfigError('CL_CONFIG_INVALID', context.source, problems);
}
