import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from './config-error.js';
import { demoConfig, type DemoAccess, type DemoOptions } from './demo-config.js';
import { parseConfig } from './parse.js';
import type { Environment } from './env-references.js';
import type { CopperlineConfig } from './schema.js';

export interface LoadOptions {
  /** Path of a `copperline.yaml`; without it the demo is configured. */
  file?: string | undefined;
  /** The process's environment when absent. */
  env?: Environment;
  /** Ports of the demo; the variable COPPERLINE_DEMO_PORT sets the page's when it is not given here. */
  demo?: DemoOptions;
}

export interface LoadedConfig {
  config: CopperlineConfig;
  /** Set in demo mode only. */
  demo: DemoAccess | undefined;
  /** The CDR file as an absolute path: relative ones are relative to the configuration file. `-`: standard output. */
  cdrFile: string;
}

/**
 * Reads the settings; the only code that reads the environment or a configuration file.
 * @throws ConfigError CL_CONFIG_UNREADABLE, CL_CONFIG_ENV_MISSING, CL_CONFIG_INVALID
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const env = options.env ?? process.env;
  const { file } = options;
  if (file === undefined) {
    const { config, access } = demoConfig(demoOptions(options.demo ?? {}, env));
    return { config, demo: access, cdrFile: cdrPath('.', config) };
  }
  const config = parseConfig(await readText(file), file, env);
  return { config, demo: undefined, cdrFile: cdrPath(dirname(file), config) };
}

function cdrPath(folder: string, { cdr }: CopperlineConfig): string {
  return cdr.file === '-' ? cdr.file : resolve(folder, cdr.file);
}

function demoOptions(options: DemoOptions, env: Environment): DemoOptions {
  const port = env['COPPERLINE_DEMO_PORT'];
  if (port === undefined) return options;
  return { ...options, ports: { web: Number(port), ...options.ports } };
}

async function readText(file: string): Promise<string> {
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
