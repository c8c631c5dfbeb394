import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { mediaRun, type MediaRunResult } from './media/media-run.js';
import { mediaTable, medians, verdicts } from './media/report.js';
import { RtpengineEngine } from './media/rtpengine-engine.js';
import type { BenchEngine } from './media/bench-engine.js';
import { readOptions, type BenchOptions } from './options.js';

const ENGINES: Record<string, () => BenchEngine> = {
  rtpengine: () => new RtpengineEngine(),
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Engines take turns, so that whatever else the machine does falls on all of them. */
async function mediaBench(options: BenchOptions): Promise<MediaRunResult[]> {
  const runs: MediaRunResult[] = [];
  for (let run = 1; run <= options.runs; run += 1)
    for (const name of options.engines) {
      const create = ENGINES[name];
      if (create === undefined) throw new Error(`no engine ${name}`);
      const result = await mediaRun(create(), options);
      runs.push(result);
      const cpu = result.cpuPerCallPercent.toFixed(3);
      say(`run ${run} of ${options.runs}: ${name} ${cpu} % of a core per call`);
    }
  return runs;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`;
  say(`${machine}, load ${loadavg()[0]?.toFixed(1) ?? '?'} before`);
  const figures: Record<string, unknown> = { machine, node: process.version, options };
  if (options.only !== 'dial') {
    say(`${options.calls} calls, G.711 both sides, full duplex, ${options.seconds} s each`);
    const runs = await mediaBench(options);
    const results = new Map(
      options.engines.map((name) => [name, medians(runs.filter((run) => run.engine === name))]),
    );
    say(`\n${mediaTable(results)}\n\n${verdicts(results).join('\n')}`);
    figures['media'] = { runs, medians: Object.fromEntries(results) };
  }
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  say(`\nfigures: ${options.json}`);
}

await main();
