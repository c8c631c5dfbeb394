import { readRates } from '../../../dialplan/rates/read-rates.js';

interface RateDeckResult {
  prefixes: number;
  /** From CSV text to a table that can be asked. */
  loadSeconds: number;
  /** Growth of heap and buffers by the table. */
  megabytes: number;
  lookUpsPerSecond: number;
  /** The same look-ups in a Map of strings, longest prefix first. */
  mapLookUpsPerSecond: number;
  mapMegabytes: number;
}

const LOOK_UPS_PER_SECOND = 500_000;
const MEGABYTES = 150;
const NUMBERS = 100_000;
const ROUNDS = 10;
const LONGEST = 9;

/** Reads a deck of `prefixes` lines and asks it for numbers, then does the same with a plain Map of strings. */
export async function rateDeckRun(prefixes: number): Promise<RateDeckResult> {
  const list = Array.from({ length: prefixes }, (_, index) => prefixOf(index));
  const csv = `prefix,rate\n${list.map((prefix, i) => `${prefix},${(i % 997) / 1000}`).join('\n')}`;
  const numbers = Array.from(
    { length: NUMBERS },
    (_, index) => `+${list[(index * 7_919) % prefixes] ?? ''}5550123`,
  );
  const before = usedBytes();
  const startedAt = performance.now();
  const { rates } = await readRates(csv);
  const loadSeconds = (performance.now() - startedAt) / 1000;
  const megabytes = (usedBytes() - before) / 1e6;
  const now = Date.now();
  const lookUpsPerSecond = perSecond(numbers, (number) => rates.find(number, now) >= 0);
  const map = new Map<string, number>();
  const mapBefore = usedBytes();
  list.forEach((prefix, index) => map.set(prefix, (index % 997) / 1000));
  const mapMegabytes = (usedBytes() - mapBefore) / 1e6;
  const mapLookUpsPerSecond = perSecond(numbers, (number) => foundIn(map, number));
  return {
    ...{ prefixes, loadSeconds, megabytes, lookUpsPerSecond },
    ...{ mapLookUpsPerSecond, mapMegabytes },
  };
}

/** The figures beside their targets. */
export function rateDeckReport(result: RateDeckResult): string {
  const { prefixes, loadSeconds, megabytes, lookUpsPerSecond } = result;
  const thousands = (value: number): string => `${Math.round(value / 1000)},000`;
  const ratio = (lookUpsPerSecond / result.mapLookUpsPerSecond).toFixed(1);
  const fast = lookUpsPerSecond >= LOOK_UPS_PER_SECOND ? 'met   ' : 'MISSED';
  const small = megabytes <= MEGABYTES ? 'met   ' : 'MISSED';
  return [
    `rate deck of ${prefixes} prefixes, read in ${loadSeconds.toFixed(1)} s`,
    `${fast} ${thousands(lookUpsPerSecond)} look-ups per second on one core (>= ${thousands(LOOK_UPS_PER_SECOND)}), ${ratio} times a Map of strings`,
    `${small} ${megabytes.toFixed(0)} MB (<= ${MEGABYTES} MB); a Map of strings: ${result.mapMegabytes.toFixed(0)} MB`,
  ].join('\n');
}

/** Spread over 70 country codes, a quarter of them short, the rest of nine digits. */
function prefixOf(index: number): string {
  const rest = String((index * 6_364_137) % 9_999_991).padStart(7, '0');
  return `${20 + (index % 70)}${index % 4 === 0 ? rest.slice(0, 4) : rest}`;
}

function foundIn(map: ReadonlyMap<string, number>, number: string): boolean {
  for (let length = LONGEST; length > 0; length -= 1)
    if (map.has(number.slice(1, length + 1))) return true;
  return false;
}

function perSecond(numbers: readonly string[], find: (number: string) => boolean): number {
  let found = 0;
  const startedAt = performance.now();
  for (let round = 0; round < ROUNDS; round += 1)
    for (const number of numbers) if (find(number)) found += 1;
  const seconds = (performance.now() - startedAt) / 1000;
  if (found !== ROUNDS * numbers.length) throw new Error('a number of the deck was not found');
  return (ROUNDS * numbers.length) / seconds;
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
