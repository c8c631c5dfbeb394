import { describe, expect, it } from 'vitest';
import { chooseLanguage, LANGUAGES, loadMessages, type Language } from './languages.js';
import { messages as english } from './messages.js';

/** Paths of all texts of a catalogue: `call.idle`. */
function paths(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) =>
    typeof entry === 'object' && entry !== null
      ? paths(entry, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

function textAt(value: unknown, path: string): string {
  const entry = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
  return typeof entry === 'function'
    ? String((entry as (...values: string[]) => unknown)('{1}', '{2}', '{3}'))
    : String(entry);
}

const others = (Object.keys(LANGUAGES) as Language[]).filter((language) => language !== 'en');

describe.each(others)('the catalogue %s', (language) => {
  it('has every text of the English one and no other, and none is empty', async () => {
    const catalogue = await loadMessages(language);
    expect(paths(catalogue).sort()).toEqual(paths(english).sort());
    for (const path of paths(english)) expect(textAt(catalogue, path).trim(), path).not.toBe('');
  });

  it('says the same values', async () => {
    const catalogue = await loadMessages(language);
    const values = (text: string): string[] => (text.match(/\{\d\}/g) ?? []).sort();
    for (const path of paths(english))
      expect(values(textAt(catalogue, path)), path).toEqual(values(textAt(english, path)));
  });

  it('is translated', async () => {
    const catalogue = await loadMessages(language);
    const same = paths(english).filter((path) => textAt(catalogue, path) === textAt(english, path));
    // The name of the product, and words that are the same in both.
    expect(same.length).toBeLessThan(8);
  });
});

it.each([
  [['', 'de-AT', 'en'], 'de'],
  [['pt-BR'], 'pt'],
  [['nl', 'fr-CA'], 'fr'],
  [['nl'], 'en'],
  [['constructor'], 'en'],
  [[], 'en'],
])('chooses from %j', (wanted, language) => {
  expect(chooseLanguage(wanted)).toBe(language);
});
