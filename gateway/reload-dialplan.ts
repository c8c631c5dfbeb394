import type { ReplaceableDialplan } from '../dialplan/replaceable-dialplan.js';
import { buildDialplan, testDialplan } from './build-dialplan.js';
import { loadConfig } from './config/load.js';
import type { CopperlineConfig } from './config/schema.js';
import { toCopperlineError } from './kernel/errors.js';
import type { Log } from './kernel/log.js';

export interface DialplanReload {
  configFile: string;
  dialplan: ReplaceableDialplan;
  /** The settings that the gateway started with. */
  running: CopperlineConfig;
  log: Log;
}

/**
 * Reads the configuration file, its rate decks and its plan tests again and puts the new dialplan in force. When anything is wrong
 * with any of them, the old one stays, and the log says why. Never rejects.
 */
export async function reloadDialplan(reload: DialplanReload): Promise<boolean> {
  const { configFile, dialplan, running, log } = reload;
  try {
    const loaded = await loadConfig({ file: configFile });
    const next = await buildDialplan(loaded);
    const tests = testDialplan(next, loaded);
    dialplan.replace(next);
    log.info({ tests }, 'the dialplan was reloaded');
    const others = changedSections(running, loaded.config);
    if (others.length > 0)
      log.warn({ sections: others }, 'other settings changed as well; they need a restart');
    return true;
  } catch (thrown) {
    const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
    log.error({ code, sentence }, 'the dialplan was not reloaded; the one before stays in force');
    return false;
  }
}

function changedSections(before: CopperlineConfig, after: CopperlineConfig): string[] {
  return Object.keys(after).filter((key) => {
    const section = key as keyof CopperlineConfig;
    return (
      section !== 'dialplan' && JSON.stringify(before[section]) !== JSON.stringify(after[section])
    );
  });
}
