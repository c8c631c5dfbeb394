import { callLoadRun, isClean, type CallLoadResult } from './call-load-run.js';
import { DrachtioServer } from './drachtio-server.js';
import { EmbeddedServer } from './embedded-server.js';
import { idleDialogsRun, idleRegistrationsRun } from './memory-run.js';
import { parserRun } from './parser-run.js';
import type { ServerUnderTest } from './server-under-test.js';
import type { SipFigures } from './sip-figures.js';
import { callLoadTable, memoryTable, parserLine, sipVerdicts } from './sip-report.js';
import { SippProcess } from './sipp-process.js';

export interface SipBenchOptions {
  callsPerSecond: number;
  seconds: number;
  dialogs: number;
  registrations: number;
}

type Say = (text: string) => void;

/**
 * The embedded SIP server, and beside it the drachtio-server that `DRACHTIO_BINARY` names: the same load, one after
 * the other; memory, which does not depend on the machine's load, at the same time.
 */
export async function sipBench(options: SipBenchOptions, say: Say): Promise<SipFigures> {
  const figures: SipFigures = { parser: parserRun(), load: [], dialogs: [], registrations: [] };
  say(`\n${parserLine(figures.parser)}`);
  if (SippProcess.isInstalled()) {
    for (const server of servers()) figures.load.push(await callLoadRun(server, options));
    say(`\n${callLoadTable(figures.load.map(({ sustained }) => sustained))}`);
    for (const { sustained, faster } of figures.load) say(highest(sustained, faster));
    figures.dialogs = await Promise.all(servers().map((one) => idleDialogsRun(one, options)));
    say(`\n${memoryTable('idle dialogs', figures.dialogs)}`);
  } else say('sipp is not installed: no calls are measured');
  figures.registrations = await Promise.all(
    servers().map((server) => idleRegistrationsRun(server, options.registrations)),
  );
  say(`\n${memoryTable('idle WebSocket registrations', figures.registrations)}`);
  say(`\n${sipVerdicts(figures).join('\n')}`);
  return figures;
}

function servers(): ServerUnderTest[] {
  const { DRACHTIO_BINARY: binary } = process.env;
  const embedded = new EmbeddedServer();
  return binary === undefined ? [embedded] : [embedded, new DrachtioServer(binary)];
}

function highest(sustained: CallLoadResult, faster: readonly CallLoadResult[]): string {
  const clean = [sustained, ...faster].filter(isClean).at(-1);
  const first = [sustained, ...faster].find((step) => !isClean(step));
  const rate = clean === undefined ? 'no rate' : `${clean.callsPerSecond} calls/s`;
  const until =
    first === undefined
      ? 'the highest that was tried'
      : `at ${first.callsPerSecond}: ${first.retransmissions} retransmissions, ${first.failed} of ${first.calls} calls failed`;
  return `${sustained.server}: ${rate} without a retransmission (${until})`;
}
