import { describe, expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.js';

describe('didYouMean', () => {
  it.each([
    ['prot', 'port'],
    ['hots', 'host'],
    ['max_calls', 'maxCalls'],
    ['maxcall', 'maxCalls'],
    ['MAXCALLS', 'maxCalls'],
    ['maxCallsPerUsr', 'maxCallsPerUser'],
  ])('%s: %s', (word, meant) => {
    expect(didYouMean(word, ['port', 'host', 'maxCalls', 'maxCallsPerUser'])).toBe(meant);
  });

  it.each(['', 'x', 'transport', 'colour'])('guesses nothing for %j', (word) => {
    expect(didYouMean(word, ['port', 'host', 'maxCalls'])).toBeUndefined();
  });
});
