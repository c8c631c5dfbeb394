import { dirname, resolve } from 'node:path';
import { demoConfig, type DemoAccess, type DemoOptions } from './demo-config.js';
import { parseConfig } from './parse.js';
import { readPlanFiles, type PlanFiles } from './plan-files.js';
import { readText } from './read-text.js';
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
  /** Sound files are absolute paths in it: relative ones are relative to the configuration file. */
  config: CopperlineConfig;
  /** Set in demo mode only. */
  demo: DemoAccess | undefined;
  /** The CDR file as an absolute path: relative ones are relative to the configuration file. `-`: standard output. */
  cdrFile: string;
  /** What the dialplan's settings name. */
  planFiles: PlanFiles;
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
    const planFiles = { rates: [], tests: undefined };
    return { config, demo: access, cdrFile: cdrPath('.', config), planFiles };
  }
  const folder = dirname(file);
  const config = withSounds(folder, parseConfig(await readText(file), file, env));
  const planFiles = await readPlanFiles(config, folder);
  return { config, demo: undefined, cdrFile: cdrPath(folder, config), planFiles };
}

/** Media workers have a working directory of their own. */
function withSounds(folder: string, config: CopperlineConfig): CopperlineConfig {
  const { holdMusic } = config.media;
  if (holdMusic === undefined) return config;
  return { ...config, media: { ...config.media, holdMusic: resolve(folder, holdMusic) } };
}

function cdrPath(folder: string, { cdr }: CopperlineConfig): string {
  return cdr.file === '-' ? cdr.file : resolve(folder, cdr.file);
}

function demoOptions(options: DemoOptions, env: Environment): DemoOptions {
  const port = env['COPPERLINE_DEMO_PORT'];
  if (port === undefined) return options;
  return { ...options, ports: { web: Number(port), ...options.ports } };
}
