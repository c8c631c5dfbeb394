import { describe, expect, it } from 'vitest';
import { splitDialString, toDialSteps } from './dial-string.js';

describe('splitDialString', () => {
  it.each([
    ['600', '600', ''],
    ['+49 30 123,,1234#', '+49 30 123', ',,1234#'],
    ['700w1', '700', 'w1'],
    ['paul,w', 'paul,w', ''],
    [',,1', ',,1', ''],
  ])('splits %s', (text, number, digits) => {
    expect(splitDialString(text)).toEqual({ number, digits });
  });
});

describe('toDialSteps', () => {
  it('reads digits and pauses and leaves out the rest', () => {
    expect(toDialSteps('1a,-w#p')).toEqual([
      { kind: 'digit', digit: '1' },
      { kind: 'digit', digit: 'A' },
      { kind: 'pause', ms: 2000 },
      { kind: 'pause', ms: 1000 },
      { kind: 'digit', digit: '#' },
      { kind: 'pause', ms: 2000 },
    ]);
  });
});
