import { describe, expect, it } from 'vitest';
import { formatDtmfRelay, parseDtmfRelay } from './dtmf-relay.js';

describe('application/dtmf-relay', () => {
  it('reads what it writes', () => {
    expect(parseDtmfRelay(formatDtmfRelay('#', 120))).toEqual({ digit: '#', durationMs: 120 });
  });

  it.each([
    ['Signal= 5\nDuration= 160', { digit: '5', durationMs: 160 }],
    ['signal=a\r\n', { digit: 'A' }],
    ['Signal=10\r\n', { digit: '*' }],
    ['Signal=11\r\n', { digit: '#' }],
  ])('reads %j', (body, expected) => {
    expect(parseDtmfRelay(body)).toEqual(expected);
  });

  it.each(['', 'Signal=', 'Signal=x', 'Signal=12', 'Duration=100', '5'])(
    'finds no digit in %j',
    (body) => {
      expect(parseDtmfRelay(body)).toBeUndefined();
    },
  );
});
