import { readFileSync } from 'node:fs';

/** The version in package.json, which lies one or two folders above (from source, or built into dist/). */
export function readVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const version = versionIn(new URL(path, import.meta.url));
    if (version !== undefined) return version;
  }
  return 'unknown';
}

function versionIn(file: URL): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return name === 'copperline' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
