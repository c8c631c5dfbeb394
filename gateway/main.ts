import { fileURLToPath } from 'node:url';
import { ReplaceableDialplan } from '../dialplan/replaceable-dialplan.js';
import { startApp, type App } from './app.js';
import { buildDialplan } from './build-dialplan.js';
import { loadConfig } from './config/load.js';
import { systemClock } from './kernel/clock.js';
import { createLog, type Log } from './kernel/log.js';
import { reloadDialplan } from './reload-dialplan.js';

export interface RunOptions {
  /** Path of a `copperline.yaml`; the demo runs without one. */
  configFile?: string | undefined;
}

/**
 * Runs the gateway until a signal ends it. SIGTERM and the first SIGINT drain: no new calls, running ones
 * go on until they end or `drainSeconds` are over. A second signal ends everything at once. SIGHUP reloads the dialplan.
 * @returns the process's exit code
 * @throws ConfigError, CopperlineError when it cannot start
 */
export async function runGateway(options: RunOptions): Promise<number> {
  const { configFile } = options;
  const loaded = await loadConfig({ file: configFile });
  const { config, demo, cdrFile } = loaded;
  const log = createLog({ level: config.log.level });
  const dialplan = new ReplaceableDialplan(await buildDialplan(loaded));
  const webRoot = fileURLToPath(new URL('../webclient/', import.meta.url));
  const app = await startApp({
    ...{ config, dialplan, cdrFile, webRoot, log, clock: systemClock },
    demo: demo && { access: demo },
  });
  if (configFile !== undefined) {
    process.on('SIGHUP', () => {
      void reloadDialplan({ configFile, dialplan, running: config, log });
    });
  }
  process.stdout.write(greeting(app, demo !== undefined));
  await untilStopped(app, { log, drainMs: config.drainSeconds * 1000 });
  return 0;
}

function greeting(app: App, isDemo: boolean): string {
  if (!isDemo) return `Copperline is ready: ${app.url}\n`;
  return [
    `Copperline is ready. Open ${app.url} and dial 600 (echo) or 700 (IVR).`,
    'This is the demo: for browsers on this machine, and the page signs in by itself.',
    `The click-to-call widget on a page of its own: ${app.url}widget-demo.html`,
    '',
  ].join('\n');
}

async function untilStopped(app: App, options: { log: Log; drainMs: number }): Promise<void> {
  const { log, drainMs } = options;
  const impatient = new AbortController();
  const stopping = new Promise<string>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      resolve(signal);
      if (drainStarted) impatient.abort(new Error(`a second signal (${signal})`));
      drainStarted = true;
    };
    let drainStarted = false;
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  const signal = await stopping;
  log.info(
    { signal, calls: app.calls.count, drainMs },
    'stopping: no new calls; a second signal ends the running ones at once',
  );
  const deadline = systemClock.setTimer(() => {
    impatient.abort(new Error('the drain time is over'));
  }, drainMs);
  await app.drain(impatient.signal);
  deadline.cancel();
  await app.close();
  log.info('stopped');
}
