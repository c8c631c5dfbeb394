import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freeUdpPort } from './gateway-port.js';

/** Undefined when sipp is installed; in CI it must be, and the tests then fail rather than skip. */
export function whyNoSipp(): string | undefined {
  try {
    execFileSync('sipp', ['-v'], { stdio: 'ignore' });
  } catch (error) {
    // `sipp -v` prints its version and exits with 99.
    if ((error as { status?: number }).status === 99) return undefined;
    return process.env['CI'] === 'true' ? undefined : 'sipp is not installed';
  }
  return undefined;
}

export interface SippRun {
  port: number;
  /** Resolves with sipp's own statistics when all calls succeeded; rejects with them otherwise. */
  done: Promise<string>;
}

/** Runs sipp on a free port of the loopback until `calls` calls are over. */
export async function runSipp(calls: number, args: readonly string[]): Promise<SippRun> {
  const port = await freeUdpPort();
  const directory = mkdtempSync(join(tmpdir(), 'sipp-'));
  const common = ['-i', '127.0.0.1', '-p', String(port), '-m', String(calls), '-nostdin'];
  const child = spawn('sipp', [...args, ...common, '-timeout', '40s', '-timeout_error'], {
    cwd: directory,
    env: { ...process.env, TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
  const done = once(child, 'close').then(([code]) => {
    rmSync(directory, { recursive: true });
    if (code !== 0) throw new Error(`sipp ended with ${String(code)}: ${output}`);
    return output;
  });
  return { port, done };
}

const ATTEMPTS = 200;

/** Resolves when sipp takes TCP connections; it tells nobody, and a first call would find no one there. */
export async function untilListening({ port }: SippRun): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await setTimeout(25);
  }
  throw new Error(`sipp does not listen on port ${port}.`);
}
