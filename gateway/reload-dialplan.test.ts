import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReplaceableDialplan } from '../dialplan/replaceable-dialplan.js';
import { buildDialplan } from './build-dialplan.js';
import { loadConfig, type LoadedConfig } from './config/load.js';
import { createLog } from './kernel/log.js';
import { reloadDialplan } from './reload-dialplan.js';

let folder: string;
let file: string;
let loaded: LoadedConfig;
let dialplan: ReplaceableDialplan;
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-reload-'));
  file = join(folder, 'copperline.yaml');
  await write('a');
  loaded = await loadConfig({ file });
  dialplan = new ReplaceableDialplan(await buildDialplan(loaded));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

function write(trunk: string, more = '', rest = ''): Promise<void> {
  const rules = `rules: [{ name: all, trunks: [${trunk}] }]`;
  const trunks = 'trunks: [{ name: a, host: 127.0.0.1 }, { name: b, host: 127.0.0.1 }]';
  const text = `sip: { domain: x.example }\n${trunks}\ndialplan:\n  country: DE\n  ${rules}\n${more}`;
  return writeFile(file, text + rest);
}

function reload(): Promise<boolean> {
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  return reloadDialplan({ configFile: file, dialplan, running: loaded.config, log });
}

function trunk(): string | undefined {
  const plan = dialplan.plan('030 1234567', { user: 'alice' });
  return plan.kind === 'route' ? plan.routes[0]?.trunk : undefined;
}

it('puts the new plan in force, and names other settings that changed', async () => {
  await write('b', '', 'drainSeconds: 7\n');
  expect(await reload()).toBe(true);
  expect(trunk()).toBe('b');
  expect(lines.join('')).toContain('the dialplan was reloaded');
  expect(lines.join('')).toContain('"sections":["drainSeconds"]');
});

it.each([
  ['a file that is not YAML', async () => writeFile(file, 'a: b: c'), 'CL_CONFIG_UNREADABLE'],
  ['a trunk that does not exist', () => write('c'), 'names no trunk'],
  [
    'a rate deck that is missing',
    () => write('b', '  rates: [{ trunk: b, file: none.csv }]\n'),
    'none.csv',
  ],
  [
    'a plan test that fails',
    async () => {
      await write('b', '  tests: tests.yaml\n');
      await writeFile(join(folder, 'tests.yaml'), '- { dial: "112", expect: { trunks: [a] } }\n');
    },
    'expected a route',
  ],
])('keeps the old plan and says why: %s', async (_name, change, why) => {
  await change();
  expect(await reload()).toBe(false);
  expect(trunk()).toBe('a');
  expect(lines.join('')).toContain('the one before stays in force');
  expect(lines.join('')).toContain(why);
});
