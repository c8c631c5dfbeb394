import { parseArgs } from 'node:util';
import type { SipBenchOptions } from './sip/sip-bench.js';

const PARTS = [
  'media',
  'transcoding',
  'answer',
  'dial',
  'sip',
  'dialplan',
  'srtp',
  'dtmf',
  'talk-off',
] as const;
export type BenchPart = (typeof PARTS)[number];

export interface BenchOptions {
  calls: number;
  transcodedCalls: number;
  answers: number;
  seconds: number;
  warmUpSeconds: number;
  runs: number;
  dials: number;
  /** Of the SIP server's benchmark. */
  sip: SipBenchOptions;
  /** Of the DTMF table, the part that takes less than a minute. */
  quick: boolean;
  /** Words that the lines of the DTMF table must have. */
  lines: string[];
  /** Of speech, and of music, in the talk-off benchmark. */
  minutes: number;
  only: BenchPart | undefined;
  prefixes: number;
  engines: string[];
  json: string;
}

const USAGE = `npm run bench -- [options]
  --calls N      calls at a time in the media benchmark (200)
  --transcoded N  calls at a time that are transcoded (40)
  --answers N    calls in the benchmark of the time from answer to audio (40)
  --seconds N    measured time of each run (10)
  --warm-up N    time before it (3)
  --runs N       runs of each engine; medians are printed (3)
  --dials N      calls in the dial benchmark (100)
  --rate N       calls per second in the SIP server's benchmark (300)
  --rate-seconds N  for so long (15)
  --dialogs N    idle dialogs there (6000)
  --registrations N  idle WebSocket registrations there (10000)
  --prefixes N   of the rate deck in the dialplan benchmark (1000000)
  --quick        of the DTMF table: Chromium, 100/70 ms, RFC 4733
  --lines LIST   of the DTMF table, those with all of these words: firefox,opus,100/70,5%
  --minutes N    of speech, and of music, in the talk-off benchmark (10)
  --only NAME    ${PARTS.join(', ')}
  --engines LIST relay,rtpengine (of relay, wrtc, rtpengine)
  --json FILE    where the figures go (data/bench.json)`;

/** @throws Error with the usage when an option is unknown or no positive number */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { ...text, default: '200' },
      transcoded: { ...text, default: '40' },
      answers: { ...text, default: '40' },
      seconds: { ...text, default: '10' },
      'warm-up': { ...text, default: '3' },
      runs: { ...text, default: '3' },
      dials: { ...text, default: '100' },
      rate: { ...text, default: '300' },
      'rate-seconds': { ...text, default: '15' },
      dialogs: { ...text, default: '6000' },
      registrations: { ...text, default: '10000' },
      prefixes: { ...text, default: '1000000' },
      quick: { type: 'boolean', default: false },
      lines: { ...text, default: '' },
      minutes: { ...text, default: '10' },
      only: text,
      engines: { ...text, default: 'relay,rtpengine' },
      json: { ...text, default: 'data/bench.json' },
    },
  });
  const only = PARTS.find((part) => part === values.only);
  if (values.only !== undefined && only === undefined) throw new Error(USAGE);
  return {
    calls: positive(values.calls),
    transcodedCalls: positive(values.transcoded),
    answers: positive(values.answers),
    seconds: positive(values.seconds),
    warmUpSeconds: positive(values['warm-up']),
    runs: positive(values.runs),
    dials: positive(values.dials),
    sip: {
      callsPerSecond: positive(values.rate),
      seconds: positive(values['rate-seconds']),
      dialogs: positive(values.dialogs),
      registrations: positive(values.registrations),
    },
    prefixes: positive(values.prefixes),
    quick: values.quick,
    lines: values.lines.split(',').filter((word) => word !== ''),
    minutes: positive(values.minutes),
    only,
    engines: values.engines.split(','),
    json: values.json,
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${text} is not a positive number\n${USAGE}`);
  return value;
}
