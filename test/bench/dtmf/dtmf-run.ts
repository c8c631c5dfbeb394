import { findFirefox } from '../../support/firefox.js';
import { PressingBrowser, type BrowserName } from '../../support/dtmf/pressing-browser.js';
import { pressAllDigits, type PressedCall, type Way } from '../../support/dtmf/pressed-call.js';
import { openDtmfEngine } from './dtmf-engine.js';
import { judgePresses, type PressVerdict } from './press-verdict.js';

/** One line of the table: the same keys, told in each way. */
export interface DtmfRow {
  engine: string;
  browser: BrowserName;
  codec: PressedCall['codec'];
  toneMs: number;
  gapMs: number;
  loss: number;
  verdicts: Partial<Record<Way, PressVerdict>>;
}

export interface DtmfBenchOptions {
  engines: readonly string[];
  quick: boolean;
  say: (text: string) => void;
}

/** RTCDTMFSender takes no tone under 40 ms and no gap under 30 ms. */
const TIMINGS = [
  { toneMs: 100, gapMs: 70 },
  { toneMs: 400, gapMs: 100 },
  { toneMs: 40, gapMs: 30 },
  { toneMs: 1000, gapMs: 100 },
];
const LOSSES = [0, 0.05];
const CODECS = ['opus', 'pcmu'] as const;
const WAYS: readonly Way[] = ['rfc4733', 'info', 'inband'];
const SEED = 20_260_101;

/** Every row, in the order of the table; `quick` has Chromium, the first timing and RFC 4733 alone. */
export async function dtmfRun(options: DtmfBenchOptions): Promise<DtmfRow[]> {
  const rows: DtmfRow[] = [];
  const wanted: BrowserName[] = options.quick ? ['chromium'] : ['chromium', 'firefox'];
  for (const engine of options.engines)
    for (const browser of wanted) {
      if (browser === 'firefox' && findFirefox() === undefined) {
        options.say('firefox-esr is not installed: its rows are left out');
        continue;
      }
      rows.push(...(await rowsOf(engine, browser, options)));
    }
  return rows;
}

async function rowsOf(
  engineName: string,
  browserName: BrowserName,
  { quick, say }: DtmfBenchOptions,
): Promise<DtmfRow[]> {
  const { engine, close } = await openDtmfEngine(engineName);
  const browser = await PressingBrowser.start(browserName);
  const rows: DtmfRow[] = [];
  try {
    for (const timing of quick ? TIMINGS.slice(0, 1) : TIMINGS)
      for (const loss of LOSSES) {
        // At once, because each takes as long as its keys are pressed.
        const found = await Promise.all(
          CODECS.map(async (codec): Promise<DtmfRow> => {
            const ways = quick ? WAYS.slice(0, 1) : WAYS;
            const verdicts = await Promise.all(
              ways.map(async (way) => {
                const call = { codec, way, timing, loss, seed: SEED + rows.length };
                const verdict = await pressAllDigits(engine, browser, call).then(
                  ({ presses }) => judgePresses(presses, { browser: browserName, codec, timing }),
                  (error: unknown) => ({
                    wrong: [`failed: ${String(error)}`],
                    defects: {},
                    worstMs: 0,
                  }),
                );
                return [way, verdict] as const;
              }),
            );
            const about = { engine: engineName, browser: browserName, codec, ...timing, loss };
            return { ...about, verdicts: Object.fromEntries(verdicts) };
          }),
        );
        rows.push(...found);
        for (const row of found) say(dtmfLine(row));
      }
  } finally {
    await browser.close();
    await close();
  }
  return rows;
}

export const DTMF_HEADING = [
  'engine    browser   codec  tone/gap  loss  told as: worst difference from the asked duration, ms',
].join('');

function dtmfLine(row: DtmfRow): string {
  const verdicts = Object.entries(row.verdicts).map(([way, { wrong, worstMs, defects }]) => {
    const verdict = wrong.length === 0 ? `ok ${worstMs.toFixed(0)}` : wrong.join(', ');
    const kinds = Object.entries(defects).map(([kind, count]) => `${count} ${kind}`);
    return `${way} ${verdict}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
  });
  return [
    row.engine.padEnd(9),
    row.browser.padEnd(9),
    row.codec.padEnd(6),
    `${row.toneMs}/${row.gapMs}`.padEnd(9),
    `${row.loss * 100} %`.padEnd(5),
    verdicts.join(' | '),
  ].join(' ');
}
