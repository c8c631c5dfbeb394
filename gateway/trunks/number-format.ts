import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { NumberFormat, Trunk } from './trunk.js';

const E164 = /^\+\d{1,15}$/;

/** Writes a number in a format; only E.164 numbers with `+` change. Pure. */
export function formatNumber(
  number: string,
  { numberFormat, country }: { numberFormat: NumberFormat; country?: string | undefined },
): string {
  if (!E164.test(number)) return number;
  const digits = number.slice(1);
  switch (numberFormat) {
    case 'e164':
    case 'as-is':
      return number;
    case 'e164-without-plus':
      return digits;
    case 'international-00':
      return `00${digits}`;
    case 'international-011':
      return `011${digits}`;
    case 'national':
      return national(number, country);
  }
}

/** The dialled number for a trunk: its format, digits off, prefix on. */
export function calledNumber(number: string, trunk: Trunk): string {
  const written = formatNumber(number, trunk);
  // A short code loses nothing: it is no number of the carrier's plan.
  const kept = E164.test(number) ? written.slice(trunk.stripDigits) : written;
  return `${trunk.techPrefix}${kept}`;
}

/** As dialled within the country: with its trunk prefix, or with its international one. */
function national(number: string, country: string | undefined): string {
  const parsed = parsePhoneNumberFromString(number);
  if (country === undefined || !isSupportedCountry(country)) return number;
  // What is too short for a number would become a short code.
  if (parsed === undefined || !parsed.isPossible()) return number;
  const same = parsed.country === undefined ? false : parsed.country === country;
  const text = same ? parsed.formatNational() : parsed.format('IDD', { fromCountry: country });
  return text.replace(/\D/g, '') || number;
}
