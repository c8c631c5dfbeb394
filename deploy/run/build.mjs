import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, root, say } from './process.mjs';

const inputs = [
  'gateway',
  'dialplan',
  'webclient',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
const stamp = join(root, 'dist', '.built');

/** Compiles the gateway and bundles the web client into dist/, when a source changed since the last time. */
export async function ensureBuilt() {
  const state = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  say('building the gateway ...');
  await mustRun('npm', ['run', '--silent', 'build:gateway']);
  say('building the web client ...');
  await mustRun('npm', ['run', '--silent', 'build:webclient'], { quiet: true });
  writeFileSync(stamp, state);
  say('build finished');
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const input of inputs) addTo(hash, input);
  return hash.digest('hex');
}

function addTo(hash, path) {
  const full = join(root, path);
  const stats = statSync(full);
  if (stats.isDirectory()) {
    for (const name of readdirSync(full).sort()) addTo(hash, `${path}/${name}`);
    return;
  }
  hash.update(`${path}\n${stats.size}\n`).update(readFileSync(full));
}
