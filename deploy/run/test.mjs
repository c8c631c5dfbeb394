// `npm test`: the whole suite. Ends with the line `N passed, N failed[, N skipped]`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { bin, run, say } from './process.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function count(name, ok) {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(name);
}

/** The static checks of `npm run check`, one result each. */
async function runChecks() {
  for (const name of ['format:check', 'lint', 'types', 'arrows', 'unused']) {
    say(`check ${name} ...`);
    count(name, (await run('npm', ['run', '--silent', name], { quiet: true })) === 0);
  }
}

/** Projects of one group run side by side; groups run one after another, so that timing-bound tests have the machine. */
async function runVitest(projects, extra = []) {
  const folder = mkdtempSync(join(tmpdir(), 'copperline-test-'));
  const report = join(folder, 'report.json');
  say(`tests: ${projects.join(', ')} ...`);
  const code = await run(bin('vitest'), [
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    ...extra,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests;
    totals.skipped += result.numPendingTests + result.numTodoTests;
    const counted = result.numFailedTests > 0;
    if (code !== 0 && !counted)
      count(`vitest ${projects.join(', ')} (error outside a test)`, false);
    if (result.numTotalTests === 0) count(`vitest ${projects.join(', ')} (no test ran)`, false);
  } catch {
    count(`vitest ${projects.join(', ')} (no report)`, false);
  }
  rmSync(folder, { recursive: true, force: true });
}

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  say(error.message);
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}
const missing = await ensureSystemPackages();
if (missing.length > 0 && process.env.CI === 'true') {
  for (const program of missing) count(`${program} is not installed`, false);
}
await runChecks();
await runVitest(['unit', 'contract', 'scenario']);
await runVitest(['integration', 'interop'], ['--no-file-parallelism']);
await runVitest(['e2e'], ['--no-file-parallelism']);

for (const failure of failures) say(`failed: ${failure}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
