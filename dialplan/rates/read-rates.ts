import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { parse, type Parser } from 'csv-parse';
import type { DeckProblem } from './rate-deck.js';
import { RateTable, type Rate } from './rate-table.js';

/** Headers by which decks of carriers call a column, in lower case without blanks, hyphens and underscores. */
const COLUMNS: Record<keyof Rate, readonly string[]> = {
  prefix: ['prefix', 'code', 'dialcode', 'destinationprefix', 'areacode'],
  ratePerMinute: ['rate', 'price', 'rateperminute', 'perminute', 'pricepermin', 'priceperminute'],
  connectionFee: ['connectionfee', 'connectfee', 'setupfee', 'callfee'],
  effectiveFrom: ['effectivefrom', 'effective', 'effectivedate', 'validfrom', 'startdate'],
  effectiveUntil: ['effectiveuntil', 'effectiveto', 'validuntil', 'validto', 'enddate', 'expires'],
  quality: ['quality', 'qos'],
};

/** Enough to show what is wrong with a file without a flood. */
const MAX_PROBLEMS = 20;
/** Characters; some ms of work. */
const PIECE = 32_768;

/**
 * Reads a rate deck from CSV text (RFC 4180; comma, semicolon or tab; a first line with column names; `prefix` and `rate` are needed).
 * Lines that cannot be read are named, and are not in the table. A long deck is read in pieces, between which calls go on.
 */
export async function readRates(
  text: string,
): Promise<{ rates: RateTable; problems: DeckProblem[] }> {
  const rates = new RateTable();
  const problems: DeckProblem[] = [];
  const head = /^[^\r\n]*/.exec(text.replace(/^\uFEFF/, ''))?.[0] ?? '';
  const delimiter = [';', '\t', ','].find((mark) => head.includes(mark)) ?? ',';
  const columns = columnsOf(head.split(delimiter));
  for (const needed of ['prefix', 'ratePerMinute'] as const) {
    if (columns[needed] !== undefined) continue;
    const names = COLUMNS[needed].join(', ');
    problems.push({ line: 1, sentence: `has no column for the ${needed} (named ${names})` });
  }
  if (problems.length > 0) return { rates, problems };
  try {
    const parser = parse({
      ...{ bom: true, delimiter, fromLine: 2, relaxColumnCount: true, skipEmptyLines: true },
      trim: true,
      onRecord: (record: string[], { lines }) => {
        if (problems.length >= MAX_PROBLEMS) return null;
        const rate = rateOf(record, columns);
        if (typeof rate === 'string') problems.push({ line: lines, sentence: rate });
        else rates.add(rate);
        // Nothing is collected: a deck of a million lines stays out of memory.
        return null;
      },
    });
    await feed(parser, text);
  } catch (error) {
    const sentence = `is no CSV: ${error instanceof Error ? error.message : String(error)}`;
    problems.push({ line: 0, sentence });
  }
  return { rates, problems };
}

async function feed(parser: Parser, text: string): Promise<void> {
  const over = finished(parser.resume());
  // Awaited below; a parser that fails in the middle must not be an unhandled rejection.
  over.catch(() => undefined);
  for (let at = 0; at < text.length && !parser.destroyed; at += PIECE) {
    parser.write(text.slice(at, at + PIECE));
    await setImmediate();
  }
  parser.end();
  await over;
}

type Columns = Partial<Record<keyof Rate, number>>;

function columnsOf(names: readonly string[]): Columns {
  const plain = names.map((name) => name.toLowerCase().replace(/[\s"_-]/g, ''));
  const columns: Columns = {};
  for (const [key, known] of Object.entries(COLUMNS)) {
    const index = plain.findIndex((name) => known.includes(name));
    if (index >= 0) columns[key as keyof Rate] = index;
  }
  return columns;
}

/** The rate of a line, or what is wrong with it. */
function rateOf(record: readonly string[], columns: Columns): Rate | string {
  const field = (key: keyof Rate): string => record[columns[key] ?? -1] ?? '';
  const prefix = field('prefix').replace(/^(\+|00)/, '');
  if (!/^\d{1,15}$/.test(prefix)) return `has the prefix "${field('prefix')}", which is none`;
  const ratePerMinute = amount(field('ratePerMinute'));
  if (ratePerMinute === undefined)
    return `has the rate "${field('ratePerMinute')}", which is no amount`;
  const connectionFee = field('connectionFee') === '' ? 0 : amount(field('connectionFee'));
  if (connectionFee === undefined)
    return `has the fee "${field('connectionFee')}", which is no amount`;
  const effectiveFrom = moment(field('effectiveFrom'), -Infinity);
  const effectiveUntil = moment(field('effectiveUntil'), Infinity);
  if (effectiveFrom === undefined || effectiveUntil === undefined) {
    const wrong = field(effectiveFrom === undefined ? 'effectiveFrom' : 'effectiveUntil');
    return `has the date "${wrong}", which is not like 2026-01-31 or 2026-01-31T12:00:00Z`;
  }
  const quality = field('quality') === '' ? undefined : Number(field('quality'));
  if (quality !== undefined && !(quality >= 0 && quality <= 100))
    return `has the quality "${field('quality')}", which is not from 0 to 100`;
  return { prefix, ratePerMinute, connectionFee, effectiveFrom, effectiveUntil, quality };
}

/** A decimal point, or a decimal comma where no point stands. */
function amount(text: string): number | undefined {
  const plain = text.includes('.') ? text : text.replace(',', '.');
  return /^\d{1,9}(\.\d{1,12})?$/.test(plain) ? Number(plain) : undefined;
}

/** ISO 8601 only: 01/02/2026 means two things. A date without a time begins at midnight UTC. */
function moment(text: string, absent: number): number | undefined {
  if (text === '') return absent;
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined;
  const iso = text.replace(' ', 'T');
  const time = Date.parse(iso.includes('T') && !/(Z|[+-]\d\d:\d\d)$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(time) ? undefined : time;
}
