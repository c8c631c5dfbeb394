import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { checkConfig } from './parse.js';
import type { ConfigInput } from './schema.js';

type Site = NonNullable<ConfigInput['sites']>[number];

const SITE: Site = {
  key: 'shop',
  origins: ['https://shop.example'],
  destinations: [{ name: 'sales', number: '+493012345678' }],
};

function sentences(sites: unknown[], rules: unknown[] = []): string[] {
  const input = {
    sip: { domain: 'example.org' },
    trunks: [{ name: 'carrier', host: '127.0.0.1' }],
    dialplan: { country: 'DE', rules },
    sites,
  };
  try {
    checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
  }
}

describe('sites', () => {
  it('are complete with key, origins and destinations', () => {
    expect(sentences([SITE])).toEqual([]);
    const turnstile = { verifyUrl: 'https://x.example/verify', secret: 's' };
    expect(sentences([{ ...SITE, challenge: 'turnstile-like', turnstile }])).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an origin with a path', { origins: ['https://shop.example/'] }, 'sites[0].origins[0]'],
    ['an origin for all', { origins: ['*'] }, 'sites[0].origins[0]'],
    ['no origin', { origins: [] }, 'sites[0].origins'],
    ['no destination', { destinations: [] }, 'sites[0].destinations'],
    [
      'a number with letters',
      { destinations: [{ name: 'a', number: 'sip:x@y' }] },
      'sites[0].destinations[0].number',
    ],
    ['an unknown key', { qoutas: {} }, 'sites[0].qoutas'],
    ['a language that the widget does not speak', { language: 'tlh' }, 'sites[0].language'],
    [
      'a default that is no destination',
      { defaultDestination: 'support' },
      'sites[0].defaultDestination: names no destination of the site',
    ],
    [
      'two destinations of one name',
      { destinations: ['sales', 'Sales'].map((name) => ({ name, number: '1' })) },
      'sites[0].destinations[1].name: is the same',
    ],
    [
      'a challenge service that is not named',
      { challenge: 'turnstile-like' },
      'sites[0].turnstile: is missing',
    ],
    [
      'a challenge service that is not asked',
      { turnstile: { verifyUrl: 'https://x.example', secret: 's' } },
      'sites[0].turnstile: stands beside challenge: proof-of-work',
    ],
  ])('may not have %s', (_what, change, sentence) => {
    expect(sentences([{ ...SITE, ...change }])).toEqual([
      expect.stringContaining(sentence) as string,
    ]);
  });

  it('have keys of their own', () => {
    expect(sentences([SITE, { ...SITE, key: 'SHOP' }])).toEqual([
      expect.stringContaining('sites[1].key: is the same') as string,
    ]);
  });

  it('exist when a rule of the dialplan names them', () => {
    const rule = { name: 'x', sites: ['shpo'], refuse: 'No.' };
    expect(sentences([SITE], [rule])).toEqual([
      expect.stringContaining('names no site (did you mean shop?)') as string,
    ]);
    expect(sentences([SITE], [{ ...rule, sites: ['shop'] }])).toEqual([]);
  });
});
