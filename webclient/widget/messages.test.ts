import { describe, expect, it } from 'vitest';
import { chooseLanguage, LANGUAGES, messagesIn } from './messages.js';

describe('the messages of the widget', () => {
  it.each(['en', 'de', 'es', 'pt', 'fr', 'ja'])('are complete in %s', (language) => {
    const words = LANGUAGES[language] ?? [];
    expect(words).toHaveLength(LANGUAGES['en']?.length ?? 0);
    expect(words.filter((text) => text === '')).toEqual([]);
    const { failures, callNumber } = messagesIn(language);
    expect(Object.values(failures).filter((text) => text === '')).toEqual([]);
    expect(Object.keys(failures)).toHaveLength(10);
    expect(callNumber).toContain('{number}');
  });

  it.each([
    [['de-AT', 'en'], 'de'],
    [['tlh', 'pt-BR'], 'pt'],
    [['constructor'], 'en'],
    [[], 'en'],
  ])('for %j are in %s', (wanted, language) => {
    expect(chooseLanguage(wanted)).toBe(language);
  });
});
