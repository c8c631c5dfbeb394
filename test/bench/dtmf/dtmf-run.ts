import { findFirefox } from '../../support/firefox.js';
import type { BrowserName } from '../../support/driven-page.js';
import type { PressTiming } from '../../support/dtmf/pressing-browser.js';
import { pressAllDigits, type PressedCall, type Way } from '../../support/dtmf/pressed-call.js';
import { DtmfPlace } from './dtmf-place.js';
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
  /** Words that the beginning of a line must have, each; none for all lines. */
  lines: readonly string[];
  say: (text: string) => void;
}

/** RTCDTMFSender takes no tone under 40 ms and no gap under 30 ms. */
const TIMINGS: readonly PressTiming[] = [
  { toneMs: 100, gapMs: 70 },
  { toneMs: 400, gapMs: 100 },
  { toneMs: 40, gapMs: 30 },
  { toneMs: 1000, gapMs: 100 },
];
const LOSSES = [0, 0.05];
const CODECS = ['opus', 'pcmu'] as const;
const WAYS: readonly Way[] = ['rfc4733', 'info', 'inband'];
const SEED = 20_260_101;

type Asked = Omit<DtmfRow, 'verdicts'>;

/** Every row, in the order of the table; `quick` has Chromium, the first timing and RFC 4733 alone. A row that fails says so, and the others go on. */
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
  engine: string,
  browser: BrowserName,
  { quick, lines, say }: DtmfBenchOptions,
): Promise<DtmfRow[]> {
  const place = new DtmfPlace(engine, browser);
  const rows: DtmfRow[] = [];
  try {
    for (const timing of quick ? TIMINGS.slice(0, 1) : TIMINGS)
      for (const [index, loss] of LOSSES.entries()) {
        const seed = SEED + CODECS.length * (LOSSES.length * TIMINGS.indexOf(timing) + index);
        const asked = CODECS.map((codec): Asked => ({ engine, browser, codec, ...timing, loss }));
        const chosen = asked.filter((row) => lines.every((word) => wordsOf(row).includes(word)));
        // At once, because each takes as long as its keys are pressed.
        const found = await Promise.all(
          chosen.map((row) => rowOf(place, row, { seed, ways: quick ? WAYS.slice(0, 1) : WAYS })),
        );
        rows.push(...found);
        for (const row of found) say(dtmfLine(row));
        if (found.some(hasFailed)) await place.close();
      }
  } finally {
    await place.close();
  }
  return rows;
}

async function rowOf(
  place: DtmfPlace,
  asked: Asked,
  { seed, ways }: { seed: number; ways: readonly Way[] },
): Promise<DtmfRow> {
  const verdicts = await Promise.all(
    ways.map(async (way) => [way, await verdictOf(place, asked, { way, seed })] as const),
  );
  return { ...asked, verdicts: Object.fromEntries(verdicts) };
}

async function verdictOf(
  place: DtmfPlace,
  { browser: name, codec, toneMs, gapMs, loss }: Asked,
  { way, seed }: { way: Way; seed: number },
): Promise<PressVerdict> {
  const timing = { toneMs, gapMs };
  try {
    const { engine, browser } = await place.open();
    const call = { codec, way, timing, loss, seed };
    const { presses } = await pressAllDigits(engine, browser, call);
    return judgePresses(presses, { browser: name, codec, timing });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { wrong: [`failed: ${failure}`], failed: true, defects: {}, worstMs: 0 };
  }
}

function hasFailed({ verdicts }: DtmfRow): boolean {
  return Object.values(verdicts).some(({ failed }) => failed === true);
}

export const DTMF_HEADING = [
  'engine    browser   codec  tone/gap  loss  told as: worst difference from the asked duration, ms',
].join('');

function wordsOf({ engine, browser, codec, toneMs, gapMs, loss }: Asked): string[] {
  return [engine, browser, codec, `${toneMs}/${gapMs}`, `${loss * 100}%`];
}

const WIDTHS = [9, 9, 6, 9, 5];

function dtmfLine(row: DtmfRow): string {
  const verdicts = Object.entries(row.verdicts).map(([way, { wrong, worstMs, defects }]) => {
    const verdict = wrong.length === 0 ? `ok ${worstMs.toFixed(0)}` : wrong.join(', ');
    const kinds = Object.entries(defects).map(([kind, count]) => `${count} ${kind}`);
    return `${way} ${verdict}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
  });
  const words = wordsOf(row).map((word, index) => word.padEnd(WIDTHS[index] ?? 0));
  return [...words, verdicts.join(' | ')].join(' ');
}
