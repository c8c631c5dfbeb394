import { AsYouType } from 'libphonenumber-js/min';

/** `+4930123456` as `+49 30 123456 · Germany`; without the country where the number tells none. */
export function formatNumber(number: string, language: string): string {
  const typed = new AsYouType();
  const text = typed.input(number);
  const country = typed.getCountry();
  if (country === undefined) return text;
  const name = new Intl.DisplayNames([language], { type: 'region' }).of(country);
  return name === undefined ? text : `${text} · ${name}`;
}
