import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A progress line for the person who waits. Standard error, so that standard output stays the program's. */
export function say(text) {
  process.stderr.write(`copperline: ${text}\n`);
}

/**
 * Runs a command in the root folder and resolves with its exit code; its output goes to ours.
 * With `quiet` the output is kept and shown only when the command fails.
 */
export function run(command, args, { quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}

/** Runs and throws on a failure, with the command's own words already printed. */
export async function mustRun(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${code}`);
}

/** Path of a package's command inside node_modules. */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}
