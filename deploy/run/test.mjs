// `npm test`: the whole suite. Ends with the line `N passed, N failed[, N skipped]`.
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { say } from './process.mjs';
import { staticChecks } from './static-checks.mjs';
import { ensureSystemPackages } from './system-packages.mjs';
import { vitestRun } from './vitest-run.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const unsteady = [];

function count(name, ok) {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(name);
}

/** Projects of one group run side by side; groups run one after another, so that real browsers have the machine. */
async function runVitest(projects, extra = []) {
  say(`tests: ${projects.join(', ')} ...`);
  const result = await vitestRun(projects, extra);
  for (const { passed, failed, skipped } of result.files) {
    totals.passed += passed;
    totals.failed += failed.length;
    totals.skipped += skipped;
    failures.push(...failed);
  }
  unsteady.push(...result.unsteady);
  if (result.broken !== undefined) count(`vitest ${projects.join(', ')} (${result.broken})`, false);
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
for (const [name, ok] of await staticChecks()) count(name, ok);
await runVitest(['unit', 'contract', 'scenario']);
await runVitest(['integration', 'interop'], ['--maxWorkers=2']);
await runVitest(['e2e'], ['--no-file-parallelism']);

for (const name of unsteady) say(`unsteady (failed, then passed alone): ${name}`);
for (const failure of failures) say(`failed: ${failure}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
