import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { dialRun } from './dial/dial-run.js';
import { rateDeckReport, rateDeckRun } from './dialplan/rate-deck-run.js';
import { DTMF_HEADING, dtmfRun } from './dtmf/dtmf-run.js';
import { talkOffReport, talkOffRun, type TalkOffRow } from './dtmf/talk-off-run.js';
import { answerRun, type AnswerTimes } from './media/answer-run.js';
import type { BenchCodec } from './media/bench-codec.js';
import { mediaRun, type MediaRunResult } from './media/media-run.js';
import { caveat, mediaTable, medians, transcodingTable, verdicts } from './media/report.js';
import { RtpengineEngine } from './media/rtpengine-engine.js';
import { WorkerEngine } from './media/worker-engine.js';
import type { BenchEngine } from './media/bench-engine.js';
import { readOptions, type BenchOptions, type BenchPart } from './options.js';
import { sipBench } from './sip/sip-bench.js';
import { srtpReport, srtpRun, type SrtpRow } from './srtp/srtp-run.js';

const ENGINES: Record<string, () => BenchEngine> = {
  relay: () => new WorkerEngine('relay'),
  wrtc: () => new WorkerEngine('wrtc'),
  rtpengine: () => new RtpengineEngine(),
};

const DIAL_P95_MS = 100;
const ANSWER_P50_MS = 30;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Engines take turns, so that whatever else the machine does falls on all of them. */
async function mediaBench(
  options: BenchOptions,
  work: { codec: BenchCodec; calls: number },
): Promise<MediaRunResult[]> {
  const runs: MediaRunResult[] = [];
  for (let run = 1; run <= options.runs; run += 1)
    for (const name of options.engines) {
      const create = ENGINES[name];
      if (create === undefined) throw new Error(`no engine ${name}`);
      const result = await mediaRun(create(), { ...options, ...work });
      runs.push(result);
      const cpu = result.cpuPerCallPercent.toFixed(3);
      say(`run ${run} of ${options.runs}: ${name} ${cpu} % of a core per call`);
    }
  return runs;
}

function leaveOutMissing(options: BenchOptions): void {
  if (!options.engines.includes('rtpengine') || RtpengineEngine.isInstalled()) return;
  say('rtpengine is not installed (/usr/bin/rtpengine): the relay is measured alone');
  options.engines = options.engines.filter((name) => name !== 'rtpengine');
}

async function mediaFigures(options: BenchOptions): Promise<unknown> {
  leaveOutMissing(options);
  say(`${options.calls} calls, G.711 both sides, full duplex, ${options.seconds} s each`);
  const runs = await mediaBench(options, { codec: 'pcmu', calls: options.calls });
  const results = mediansOf(options, runs);
  say(`\n${mediaTable(results)}\n\n${verdicts(results).join('\n')}`);
  const warning = caveat(results);
  if (warning !== undefined) say(warning);
  return { runs, medians: Object.fromEntries(results) };
}

function mediansOf(options: BenchOptions, runs: readonly MediaRunResult[]) {
  return new Map(
    options.engines.map((name) => [name, medians(runs.filter((run) => run.engine === name))]),
  );
}

async function transcodingFigures(options: BenchOptions): Promise<unknown> {
  leaveOutMissing(options);
  const { transcodedCalls: calls, engines } = options;
  // Neither is the other's yardstick: what wrtc costs beside them is for who chooses between the two.
  const beside = engines.includes('relay') && !engines.includes('wrtc') ? ['wrtc'] : [];
  const measured = { ...options, engines: [...engines, ...beside] };
  say(`\n${calls} calls, Opus and G.711, full duplex, ${options.seconds} s each`);
  const runs = await mediaBench(measured, { codec: 'opus', calls });
  const results = mediansOf(measured, runs);
  say(transcodingTable(results));
  const warning = caveat(results);
  if (warning !== undefined) say(warning);
  return { runs, medians: Object.fromEntries(results) };
}

async function answerFigures(options: BenchOptions): Promise<unknown> {
  leaveOutMissing(options);
  say(`\nfrom the answer to audio both ways, ${options.answers} calls, p50 / p95 / max`);
  const times: AnswerTimes[] = [];
  for (const name of options.engines) {
    const create = ENGINES[name];
    if (create === undefined) throw new Error(`no engine ${name}`);
    const engine = create();
    const ways = engine.ringing === undefined ? [undefined] : [undefined, engine.ringing];
    for (const ringing of ways) {
      const result = await answerRun(engine, { calls: options.answers, ringing });
      times.push(result);
      const { p50Ms, p95Ms, maxMs } = result;
      const figures = [p50Ms, p95Ms, maxMs].map((ms) => ms.toFixed(1)).join(' / ');
      say(`${result.engine.padEnd(12)} ${figures} ms`);
    }
  }
  for (const { engine, p50Ms } of times.filter(({ engine }) => engine.startsWith('relay')))
    say(`${p50Ms < ANSWER_P50_MS ? 'met   ' : 'MISSED'} ${engine}: p50 (< ${ANSWER_P50_MS} ms)`);
  return times;
}

async function dialFigures({ dials }: BenchOptions): Promise<unknown> {
  const dial = await dialRun(dials);
  const { p50Ms, p95Ms, maxMs } = dial;
  const times = [p50Ms, p95Ms, maxMs].map((ms) => ms.toFixed(1)).join(' / ');
  say(`\ndial to 180, digest included, ${dials} calls: p50 / p95 / max ${times} ms`);
  say(`${p95Ms < DIAL_P95_MS ? 'met   ' : 'MISSED'} dial to 180 p95 (< ${DIAL_P95_MS} ms)`);
  return dial;
}

async function deckFigures({ prefixes }: BenchOptions): Promise<unknown> {
  const deck = await rateDeckRun(prefixes);
  say(`\n${rateDeckReport(deck)}`);
  return deck;
}

async function dtmfFigures(options: BenchOptions): Promise<unknown> {
  leaveOutMissing(options);
  say(`\nDTMF: 16 digits of a browser, as the trunk is told them\n${DTMF_HEADING}`);
  const { engines, quick, lines } = options;
  const rows = await dtmfRun({ engines, quick, lines, say });
  const ours = rows.filter(({ engine }) => engine === 'relay');
  if (ours.length === 0) return rows;
  const bad = ours.filter(({ verdicts }) =>
    Object.values(verdicts).some(({ wrong }) => wrong.length > 0),
  );
  say(`${bad.length === 0 ? 'met   ' : 'MISSED'} every digit once, in order, as long as pressed`);
  return rows;
}

function talkOffFigures({ minutes }: BenchOptions): Promise<TalkOffRow[]> {
  say(`\ntalk-off: ${minutes} minutes of speech, and as much music, at the in-band detector`);
  const rows = talkOffRun(minutes, say);
  say(talkOffReport(rows));
  return Promise.resolve(rows);
}

function srtpFigures(): Promise<SrtpRow[]> {
  say('\nSRTP: ns of CPU for a packet of 172 bytes, beside node:crypto as it is');
  const rows = srtpRun();
  say(srtpReport(rows));
  return Promise.resolve(rows);
}

/** In the order in which they are measured. */
const MEASURE: Record<BenchPart, (options: BenchOptions) => Promise<unknown>> = {
  dialplan: deckFigures,
  media: mediaFigures,
  transcoding: transcodingFigures,
  answer: answerFigures,
  dial: dialFigures,
  sip: (options) => sipBench(options.sip, say),
  srtp: srtpFigures,
  dtmf: dtmfFigures,
  'talk-off': talkOffFigures,
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`;
  say(`${machine}, load ${loadavg()[0]?.toFixed(1) ?? '?'} before`);
  const figures: Record<string, unknown> = { machine, node: process.version, options };
  for (const [part, measure] of Object.entries(MEASURE))
    if ((options.only ?? part) === part) figures[part] = await measure(options);
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  say(`\nfigures: ${options.json}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
