import type { Output } from './output.js';

/** `fail`: calls over the trunk cannot work. `warn`: they may not. `info`: nothing to judge. */
type Verdict = 'ok' | 'warn' | 'fail' | 'info';

/** One line of the report. */
export interface Finding {
  verdict: Verdict;
  /** What was looked at: one word or two. */
  what: string;
  /** One sentence with the fact. No secrets. */
  fact: string;
}

const WIDTH = 13;

/** One finding a line; true when none of them is a failure. */
export function printFindings(findings: readonly Finding[], output: Output): boolean {
  for (const { verdict, what, fact } of findings)
    output.write(`  ${verdict.padEnd(5)} ${what.padEnd(WIDTH)} ${fact}\n`);
  return findings.every(({ verdict }) => verdict !== 'fail');
}
