import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { bin, root, run, say } from './process.mjs';

/** More failing files than this are no chance, and running them again would only cost time. */
const MOST_FILES_AGAIN = 6;

/**
 * Runs vitest. A file with a failure runs once more, alone: what passes then failed by the machine's
 * load or by chance. It counts as passed and is listed in `unsteady`, because it is still a defect.
 * @returns the results by file, the unsteady tests, and in `broken` what went wrong outside of any
 * file (no report, no test found, an error between tests), if something did.
 */
export async function vitestRun(projects, extra = []) {
  const group = projects.flatMap((project) => ['--project', project]);
  const first = await vitestOnce([...group, ...extra]);
  const red = first.files.filter(({ ok }) => !ok).map(({ file }) => file);
  if (red.length === 0 || red.length > MOST_FILES_AGAIN) return { ...first, unsteady: [] };
  say(`once more, alone: ${red.join(', ')} ...`);
  const again = await vitestOnce([...group, '--no-file-parallelism', ...red]);
  const failedAgain = new Set(again.files.flatMap(({ failed }) => failed));
  return {
    files: [...first.files.filter(({ ok }) => ok), ...again.files],
    unsteady: first.files.flatMap(({ failed }) => failed.filter((name) => !failedAgain.has(name))),
    broken: again.broken,
  };
}

async function vitestOnce(args) {
  const folder = mkdtempSync(join(tmpdir(), 'copperline-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await run(bin('vitest'), ['run', ...args, ...reporters]);
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const files = result.testResults.map(fileResult);
    return { files, broken: brokenBy(code, files) };
  } catch {
    return { files: [], broken: 'no report' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileResult({ name, status, assertionResults }) {
  const file = relative(root, name);
  const having = (wanted) => assertionResults.filter((test) => test.status === wanted);
  const failed = having('failed').map(({ fullName }) => `${file}: ${fullName}`);
  const passed = having('passed').length;
  const ok = status === 'passed';
  if (!ok && failed.length === 0) failed.push(`${file} (its tests did not run)`);
  return {
    file,
    ok,
    passed,
    failed,
    skipped: assertionResults.length - passed - having('failed').length,
  };
}

function brokenBy(code, files) {
  if (files.length === 0) return 'no test ran';
  if (code !== 0 && files.every(({ ok }) => ok)) return 'error outside a test';
  return undefined;
}
