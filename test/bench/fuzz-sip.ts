import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { FuzzMessages } from '../support/sip/fuzz-messages.js';
import { fuzzParser } from '../support/sip/fuzz-parser.js';
import { FuzzServer } from '../support/sip/fuzz-server.js';

/*
 * The long run of the fuzzer, through the parser and through a live server with an application of drachtio-srf
 * (all transports in turns):
 *
 *   node --expose-gc --import tsx test/bench/fuzz-sip.ts --messages 1000000 [--seed N] [--from N] [--only parser|server]
 *
 * The same seed gives the same messages while test/vectors stays the same; `--from` begins in the midst, at the index that a finding names. Ends with
 * exit code 1 when there were findings. A million takes two minutes of the parser and a quarter of an hour of the server.
 */
const MIB = 2 ** 20;
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
  },
});
const messages = new FuzzMessages(Number(values.seed));
const from = Number(values.from);
const to = from + Number(values.messages);
const findings: string[] = [];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** MiB of heap, collected where node allows it, and resident. */
function memory(): string {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return `heap ${(heapUsed / MIB).toFixed(1)} MiB, resident ${(rss / MIB).toFixed(1)} MiB`;
}

function collect(where: string) {
  return (error: unknown): void => {
    findings.push(`${where}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  };
}
process.on('uncaughtException', collect('uncaught'));
process.on('unhandledRejection', collect('unhandled rejection'));

/** Ten steps, so that a slope in the memory can be seen. */
async function inSteps(run: (from: number, to: number) => Promise<void> | void): Promise<void> {
  const step = Math.max(20, Math.ceil((to - from) / 200) * 20);
  const begun = performance.now();
  say(`  before: ${memory()}`);
  for (let first = from; first < to; first += step) {
    await run(first, Math.min(to, first + step));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    say(`  ${Math.min(to, first + step) - from} messages, ${seconds} s: ${memory()}`);
  }
}

async function parser(): Promise<void> {
  let slowest = 0;
  say('parser');
  await inSteps((first, last) => {
    const { defects, slowestMs } = fuzzParser(messages, first, last);
    slowest = Math.max(slowest, slowestMs);
    findings.push(...defects);
  });
  say(`  the slowest message took ${slowest.toFixed(1)} ms`);
}

async function server(): Promise<void> {
  const live = await FuzzServer.start();
  say('server');
  await inSteps((first, last) => live.run(messages, first, last));
  const counts = await live.close();
  const { sent, answered, repeated, defects } = live.findings;
  findings.push(...defects);
  say(`  sent ${sent.messages} messages, ${(sent.bytes / MIB).toFixed(1)} MiB`);
  say(`  answered ${answered.messages} messages, ${(answered.bytes / MIB).toFixed(1)} MiB`);
  say(`  repeated ${repeated} messages; left: ${JSON.stringify(counts)}; ${memory()}`);
}

if (values.only !== 'server') await parser().catch(collect('parser'));
if (values.only !== 'parser') await server().catch(collect('server'));
for (const finding of findings.slice(0, SHOWN)) say(`FINDING ${finding}`);
say(`seed ${messages.seed}, messages ${from} to ${to - 1}: ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
