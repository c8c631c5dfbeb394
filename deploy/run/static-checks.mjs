import { run, say } from './process.mjs';

/** Slowest first: two run at a time, and the quick ones fill the second place. */
const CHECKS = ['lint', 'types', 'format:check', 'arrows', 'unused'];

/**
 * Runs the static checks two at a time; a check's output is shown when it fails.
 * @returns which of them passed, as pairs of name and boolean.
 */
export async function staticChecks() {
  const waiting = [...CHECKS];
  const results = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const started = performance.now();
      const ok = (await run('npm', ['run', '--silent', name], { quiet: true })) === 0;
      results.push([name, ok]);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(`check ${name}: ${ok ? 'passed' : 'FAILED'} (${seconds} s)`);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}
