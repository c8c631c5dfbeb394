import { AsYouType } from 'libphonenumber-js/min';

/** A number in international form as people write it, finished or not: `+4930123` as `+49 30 123`. */
export function formatNumber(number: string): string {
  return new AsYouType().input(number);
}

/** The country that a number in international form belongs to, in that language; empty where the number tells none yet. */
export function countryOf(number: string, language: string): string {
  const typed = new AsYouType();
  typed.input(number);
  const country = typed.getCountry();
  if (country === undefined) return '';
  return new Intl.DisplayNames([language], { type: 'region' }).of(country) ?? '';
}
