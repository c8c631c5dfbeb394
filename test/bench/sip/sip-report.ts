import { isClean, type CallLoadResult } from './call-load-run.js';
import type { MemoryResult } from './memory-run.js';
import type { ParserResult } from './parser-run.js';
import type { SipFigures } from './sip-figures.js';

const TARGETS = { callsPerSecond: 300, registrations: 10_000, registrationsMb: 400 };

const LOAD_ROWS: [keyof Omit<CallLoadResult, 'server'>, string, number][] = [
  ['callsPerSecond', 'calls per second', 0],
  ['calls', 'calls', 0],
  ['failed', 'failed', 0],
  ['retransmissions', 'retransmissions, both ends', 0],
  ['serverCpuMsPerCall', 'CPU per call of the server, ms', 2],
  ['applicationCpuMsPerCall', 'CPU per call of the application, ms', 2],
  ['answerP50Ms', 'INVITE to 200 p50, ms', 1],
  ['answerP99Ms', 'INVITE to 200 p99, ms', 1],
  ['machineCpuPercent', 'whole machine busy, % of a core', 0],
];

const MEMORY_ROWS: [keyof Omit<MemoryResult, 'server'>, string, number][] = [
  ['residentMb', 'memory of the server, MB', 0],
  ['residentPerItemKb', 'memory each, kB', 1],
  ['livePerItemKb', 'in use each, kB', 1],
];

/** The servers side by side, with the ratio of the first to the second. */
export function callLoadTable(results: readonly CallLoadResult[]): string {
  return table('B2BUA calls', LOAD_ROWS, results);
}

export function memoryTable(title: string, results: readonly MemoryResult[]): string {
  return table(`${results[0]?.count ?? 0} ${title}`, MEMORY_ROWS, results);
}

export function parserLine({ messages, oursPerSecond, sipjsPerSecond }: ParserResult): string {
  const [ours, sipjs] = [oursPerSecond, sipjsPerSecond].map((figure) => figure.toFixed(0));
  const ratio = (oursPerSecond / sipjsPerSecond).toFixed(1);
  return `parser, ${messages} messages in turn: ${ours} messages/s, sip.js ${sipjs} messages/s, ratio ${ratio}`;
}

export function sipVerdicts({ load, registrations }: SipFigures): string[] {
  const line = (met: boolean, text: string): string => `${met ? 'met   ' : 'MISSED'} ${text}`;
  const verdicts: string[] = [];
  const sustained = load[0]?.sustained;
  if (sustained !== undefined && sustained.callsPerSecond >= TARGETS.callsPerSecond)
    verdicts.push(
      line(
        isClean(sustained),
        `${sustained.callsPerSecond} calls/s with ${sustained.retransmissions} retransmissions, ${sustained.failed} failed (300, none)`,
      ),
    );
  const memory = registrations[0];
  if (memory !== undefined && memory.count >= TARGETS.registrations)
    verdicts.push(
      line(
        memory.residentMb <= TARGETS.registrationsMb,
        `${memory.count} idle WebSocket registrations in ${memory.residentMb.toFixed(0)} MB (400)`,
      ),
    );
  return verdicts;
}

function table<Key extends string>(
  title: string,
  rows: readonly [Key, string, number][],
  results: readonly (Record<Key, number> & { server: string })[],
): string {
  const header = [title, ...results.map(({ server }) => server)];
  if (results.length === 2) header.push('ratio');
  const lines = rows.map(([key, name, digits]) => {
    const values = results.map((result) => result[key]);
    const [one = Number.NaN, other = Number.NaN] = values;
    const ratio = values.length === 2 && other > 0 ? [(one / other).toFixed(2)] : [];
    return [
      name,
      ...values.map((value) => (Number.isNaN(value) ? '-' : value.toFixed(digits))),
      ...ratio,
    ];
  });
  return [header, ...lines].map((cells) => cells.map(pad).join('')).join('\n');
}

function pad(cell: string, column: number): string {
  return column === 0 ? cell.padEnd(38) : cell.padStart(12);
}
