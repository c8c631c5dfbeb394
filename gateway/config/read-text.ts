import { readFile } from 'node:fs/promises';
import { ConfigError } from './config-error.js';

/** @throws ConfigError CL_CONFIG_UNREADABLE */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const sentence = `cannot be read: ${readFailure(error)}`;
    throw new ConfigError('CL_CONFIG_UNREADABLE', file, [{ path: '', line: undefined, sentence }]);
  }
}

const READ_FAILURES: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return READ_FAILURES[code] ?? code;
}
