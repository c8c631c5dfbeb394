import { printPath, type ConfigProblem, type Path } from './config-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ResolvedReferences {
  /** The data with every `${NAME}` replaced; `$${` stands for a literal `${`. */
  data: unknown;
  missing: ConfigProblem[];
  malformed: ConfigProblem[];
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface Resolution extends ResolvedReferences {
  env: Environment;
  lineOf: (path: Path) => number | undefined;
}

/** Replaces `${NAME}` in text values (not in keys, not in numbers) by the environment variable. */
export function resolveReferences(
  data: unknown,
  env: Environment,
  lineOf: (path: Path) => number | undefined,
): ResolvedReferences {
  const resolution: Resolution = { data: undefined, missing: [], malformed: [], env, lineOf };
  return { ...resolution, data: resolve(data, [], resolution) };
}

function resolve(value: unknown, path: Path, resolution: Resolution): unknown {
  if (typeof value === 'string') return replace(value, path, resolution);
  if (Array.isArray(value)) {
    return value.map((item, index) => resolve(item, [...path, index], resolution));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolve(item, [...path, key], resolution)]),
  );
}

function replace(text: string, path: Path, resolution: Resolution): string {
  const report = (list: ConfigProblem[], sentence: string): void => {
    list.push({ path: printPath(path), line: resolution.lineOf(path), sentence });
  };
  return text.replace(REFERENCE, (whole, name?: string, end?: string) => {
    if (name === undefined) return '${';
    if (end === '' || !NAME.test(name)) {
      report(
        resolution.malformed,
        'has an incomplete reference, allowed: ${NAME} with letters, digits and underscores, or $${ for the characters themselves',
      );
      return whole;
    }
    const value = resolution.env[name];
    if (value === undefined) {
      report(resolution.missing, `refers to \${${name}}, but that environment variable is not set`);
    }
    return value ?? '';
  });
}
