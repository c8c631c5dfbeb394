import { CopperlineError } from '../kernel/errors.js';

export type Path = readonly PropertyKey[];

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** Such as `trunks[0].port`; empty for the file as a whole. */
  path: string;
  /** Line in the file, from 1; undefined when the settings did not come from a file. */
  line: number | undefined;
  /** What is wrong, what was given, what is allowed. Never contains a secret. */
  sentence: string;
}

type ConfigErrorCode = 'CL_CONFIG_UNREADABLE' | 'CL_CONFIG_INVALID' | 'CL_CONFIG_ENV_MISSING';

/** All problems of one configuration at once; the message has one line for each. */
export class ConfigError extends CopperlineError {
  readonly problems: readonly ConfigProblem[];

  constructor(code: ConfigErrorCode, source: string, problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const lines = problems.map((problem) => `  ${printProblem(problem)}`);
    super(code, { sentence: [`${source} has ${count}:`, ...lines].join('\n') });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function printProblem(problem: ConfigProblem): string {
  const line = problem.line === undefined ? '' : `line ${problem.line}`;
  if (problem.path === '') return line === '' ? problem.sentence : `${line}: ${problem.sentence}`;
  const place = line === '' ? problem.path : `${problem.path} (${line})`;
  return `${place}: ${problem.sentence}`;
}

/** `['trunks', 0, 'port']` as `trunks[0].port`. */
export function printPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** The value at `path` in plain data; undefined when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return value;
}
