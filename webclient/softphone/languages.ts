import { messages as english, type Messages } from './messages.js';

/** Each in its own words. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  pt: 'Português',
  fr: 'Français',
  ja: '日本語',
} as const;

export type Language = keyof typeof LANGUAGES;

/** Loaded when they are needed: a page speaks one language. */
const CATALOGUES: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ messages: Messages }>>> =
  {
    de: () => import('./messages/de.js'),
    es: () => import('./messages/es.js'),
    pt: () => import('./messages/pt.js'),
    fr: () => import('./messages/fr.js'),
    ja: () => import('./messages/ja.js'),
  };

/** The first language of the person that there is a catalogue for; English otherwise. */
export function chooseLanguage(wanted: readonly string[]): Language {
  const known = wanted
    .map((tag) => tag.toLowerCase().split('-')[0] ?? '')
    .find((tag) => Object.hasOwn(LANGUAGES, tag));
  return (known ?? 'en') as Language;
}

/** Falls back to English when the catalogue cannot be loaded. */
export async function loadMessages(language: Language): Promise<Messages> {
  if (language === 'en') return english;
  return CATALOGUES[language]().then(
    ({ messages }) => messages,
    () => english,
  );
}
