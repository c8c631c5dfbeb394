import { readFile } from 'node:fs/promises';
import { systemClock } from '../kernel/clock.js';
import { CopperlineError } from '../kernel/errors.js';
import { createLog, type Log } from '../kernel/log.js';
import { Secret } from '../kernel/secret.js';
import { hostPortOf } from './dialog/local-name.js';
import type { SipServer } from './server-options.js';
import { startSipServer } from './server.js';
import {
  readStandaloneOptions,
  StandaloneUsageError,
  USAGE,
  type StandaloneOptions,
} from './standalone-options.js';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/**
 * Runs the SIP server as a process of its own, for any drachtio-srf application, until a signal ends it.
 * Contacts go to standard output, one a line; the log to standard error.
 * @returns the process's exit code; never rejects
 */
export async function runSipServer(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
    return EXIT.done;
  }
  try {
    const options = readStandaloneOptions(args);
    const log = createLog({ level: options.logLevel, destination: process.stderr });
    // Before the start, so that a signal during it is not lost.
    const stopped = nextStop();
    const server = await start(options, log);
    reloadOnHangUp(server, log);
    process.stdout.write(greeting(server));
    log.info({ signal: await stopped }, 'stopping');
    await server.close();
    return EXIT.done;
  } catch (error) {
    return report(error);
  }
}

async function start(options: StandaloneOptions, log: Log): Promise<SipServer> {
  const secret = new Secret(await secretText(options.secret));
  return startSipServer({
    listeners: options.listeners,
    application: { ...options.application, secret },
    log,
    clock: systemClock,
  });
}

async function secretText(secret: StandaloneOptions['secret']): Promise<string> {
  if ('text' in secret) return secret.text;
  let text: string;
  try {
    text = (await readFile(secret.file, 'utf8')).trim();
  } catch {
    throw new StandaloneUsageError(`The file ${secret.file} cannot be read.`);
  }
  if (text === '') throw new StandaloneUsageError(`The file ${secret.file} is empty.`);
  return text;
}

function greeting(server: SipServer): string {
  const contacts = server.contacts.map((contact) => `  ${contact}\n`).join('');
  return `The SIP server is ready.\n${contacts}  applications at ${hostPortOf(server.applicationAddress)}\n`;
}

function nextStop(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

function reloadOnHangUp(server: SipServer, log: Log): void {
  process.on('SIGHUP', () => {
    server.reloadCertificates().then(
      () => {
        log.info('the TLS certificates were read again');
      },
      (error: unknown) => {
        log.error({ err: error }, 'the TLS certificates cannot be used; those before stay in use');
      },
    );
  });
}

function report(error: unknown): number {
  if (error instanceof StandaloneUsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (error instanceof CopperlineError) {
    process.stderr.write(`${error.sentence}\n`);
    return EXIT.failed;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`The SIP server failed because of a bug (CL_INTERNAL):\n${detail}\n`);
  return EXIT.failed;
}
