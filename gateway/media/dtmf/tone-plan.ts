import { DIGITS, type Digit } from './digit-event.js';

/** The eight frequencies of DTMF (ITU-T Q.23), and levels in 16-bit samples at 8000 Hz. */
export const TONE_SAMPLE_RATE = 8000;
export const LOW_HZ = [697, 770, 852, 941] as const;
export const HIGH_HZ = [1209, 1336, 1477, 1633] as const;

const KEYS = '123A456B789C*0#D';
/** ITU-T G.711 section 2, table 5: the loudest sine of A-law is 3.14 dBm0, of mu-law 3.17 dBm0. */
const FULL_SCALE_DBM0 = 3.14;
const FULL_SCALE = 32_767;

/** The key at a row (low frequency) and column (high frequency). */
export function keyAt(row: number, column: number): Digit {
  return KEYS.charAt(row * 4 + column);
}

/** The two frequencies of a digit, Hz; undefined for flash and everything else that is no tone. */
export function frequenciesOf(digit: string): { low: number; high: number } | undefined {
  const name = digit.toUpperCase();
  if (name.length !== 1 || !DIGITS.includes(name)) return undefined;
  const index = KEYS.indexOf(name);
  const low = LOW_HZ[index >> 2];
  const high = HIGH_HZ[index & 3];
  return low === undefined || high === undefined ? undefined : { low, high };
}

/** Amplitude of a sine of that level, in 16-bit samples. */
export function amplitudeOf(dbm0: number): number {
  return FULL_SCALE * 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20);
}
