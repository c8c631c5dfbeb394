import { median } from '../histogram.js';
import type { MediaRunResult } from './media-run.js';

/** The targets of `relay`, against rtpengine in the same run. */
const TARGETS = { cpuRatio: 1.5, lost: 0, oneWayP99Ms: 5, residentPerCallMb: 0.4 };
const TRANSCODING_CPU_RATIO = 0.5;

type Figures = Omit<MediaRunResult, 'engine'>;

/** Figure by figure the median over the runs of one engine. */
export function medians(runs: readonly MediaRunResult[]): Figures {
  const of = (pick: (run: MediaRunResult) => number): number => median(runs.map(pick));
  return {
    calls: of((run) => run.calls),
    cpuPerCallPercent: of((run) => run.cpuPerCallPercent),
    packetsSent: of((run) => run.packetsSent),
    packetsLost: of((run) => run.packetsLost),
    lostToCarrier: of((run) => run.lostToCarrier),
    lostToBrowser: of((run) => run.lostToBrowser),
    droppedAtEngine: of((run) => run.droppedAtEngine),
    droppedAtGenerators: of((run) => run.droppedAtGenerators),
    roundTripP50Ms: of((run) => run.roundTripP50Ms),
    roundTripP99Ms: of((run) => run.roundTripP99Ms),
    residentPerCallMb: of((run) => run.residentPerCallMb),
    residentIdleMb: of((run) => run.residentIdleMb),
    setupMsPerCall: of((run) => run.setupMsPerCall),
    generatorsCpuPercent: of((run) => run.generatorsCpuPercent),
    othersCpuPercent: of((run) => run.othersCpuPercent),
  };
}

const ROWS: [keyof Figures, string, number][] = [
  ['cpuPerCallPercent', 'CPU per call, % of a core', 3],
  ['packetsSent', 'packets sent by browsers', 0],
  ['packetsLost', 'packets lost', 0],
  ['lostToCarrier', '  on the way to the carrier', 0],
  ['lostToBrowser', '  on the way back', 0],
  ['droppedAtEngine', "  dropped at the engine's sockets", 0],
  ['droppedAtGenerators', "  dropped at the generators' sockets", 0],
  ['roundTripP50Ms', 'echo round trip p50, ms', 1],
  ['roundTripP99Ms', 'echo round trip p99, ms', 1],
  ['residentPerCallMb', 'memory per call, MB', 3],
  ['residentIdleMb', 'memory with one call, MB', 0],
  ['setupMsPerCall', 'setup per call, ms', 1],
  ['generatorsCpuPercent', "the benchmark's own CPU, % of a core", 0],
  ['othersCpuPercent', 'everything else on the machine, %', 0],
];

/** The engines side by side, with the ratio of the first to the second. */
export function mediaTable(results: ReadonlyMap<string, Figures>): string {
  const names = [...results.keys()];
  const header = ['', ...names, names.length === 2 ? 'ratio' : ''];
  const rows = ROWS.map(([key, title, digits]) => {
    const values = names.map((name) => results.get(name)?.[key] ?? Number.NaN);
    const [one = Number.NaN, other = Number.NaN] = values;
    const ratio = values.length === 2 && other > 0 ? (one / other).toFixed(2) : '';
    return [title, ...values.map((value) => value.toFixed(digits)), ratio];
  });
  return [header, ...rows].map((row) => row.map(pad).join('')).join('\n');
}

function pad(cell: string, column: number): string {
  return column === 0 ? cell.padEnd(38) : cell.padStart(12);
}

/** Beyond this, in % of a core, the times say more about the machine than about the engines. */
const BUSY_PERCENT = 20;

/** What to know before believing the times; undefined on a quiet machine. */
export function caveat(results: ReadonlyMap<string, Figures>): string | undefined {
  const most = Math.max(...[...results.values()].map((figures) => figures.othersCpuPercent));
  if (!(most > BUSY_PERCENT)) return undefined;
  return `other processes took up to ${most.toFixed(0)} % of a core: round trips and drops are the machine's too`;
}

/** Of calls whose browser speaks Opus and whose carrier speaks PCMU. */
export function transcodingTable(results: ReadonlyMap<string, Figures>): string {
  const rows = [...results].map(
    ([name, { cpuPerCallPercent, packetsSent, packetsLost, residentPerCallMb }]) =>
      `${name.padEnd(12)} ${cpuPerCallPercent.toFixed(3)} % of a core and ${residentPerCallMb.toFixed(2)} MB per call, ` +
      `${packetsLost} of ${packetsSent} packets did not come back`,
  );
  const relay = results.get('relay')?.cpuPerCallPercent;
  const reference = results.get('rtpengine')?.cpuPerCallPercent;
  if (relay === undefined || reference === undefined) return rows.join('\n');
  const ratio = relay / reference;
  const met = ratio <= TRANSCODING_CPU_RATIO ? 'met   ' : 'MISSED';
  return [...rows, `${met} CPU per call ${ratio.toFixed(2)} x rtpengine (<= 0.5)`].join('\n');
}

/** One line per target of the relay: met or missed, and by what. */
export function verdicts(results: ReadonlyMap<string, Figures>): string[] {
  const relay = results.get('relay');
  const reference = results.get('rtpengine');
  if (relay === undefined) return [];
  const line = (met: boolean, text: string): string => `${met ? 'met   ' : 'MISSED'} ${text}`;
  const ratio = relay.cpuPerCallPercent / (reference?.cpuPerCallPercent ?? Number.NaN);
  return [
    ...(reference === undefined
      ? []
      : [line(ratio <= TARGETS.cpuRatio, `CPU per call ${ratio.toFixed(2)} x rtpengine (<= 1.5)`)]),
    line(
      relay.droppedAtEngine <= TARGETS.lost,
      `${relay.droppedAtEngine} packets lost by the relay (0)`,
    ),
    line(
      relay.roundTripP99Ms / 2 < TARGETS.oneWayP99Ms,
      `one way, half of the echo round trip, p99 ${(relay.roundTripP99Ms / 2).toFixed(1)} ms (< 5)`,
    ),
    line(
      relay.residentPerCallMb <= TARGETS.residentPerCallMb,
      `memory per call ${relay.residentPerCallMb.toFixed(2)} MB (<= 0.4)`,
    ),
  ];
}
