import { expect, it } from 'vitest';
import { formatDtmfInfo, readDtmfInfo } from './dtmf-info.js';

it.each([
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5', 160],
  ['application/dtmf-relay', 'signal = d\nduration= 250', 'D', 250],
  ['application/dtmf-relay', 'Duration=999999\r\nSignal=*\r\n', '*', 10_000],
  ['application/dtmf-relay', 'Signal=10', '*', 100],
  ['application/dtmf', '11\r\n', '#', 100],
  ['application/dtmf', '7', '7', 100],
])('reads %s %j', (...[type, content, digit, durationMs]) => {
  expect(readDtmfInfo(type, content)).toEqual({ digit, durationMs });
});

it.each([
  ['application/dtmf-relay', ''],
  ['application/dtmf-relay', 'Signal=16'],
  ['application/dtmf-relay', 'Signal=!'],
  ['application/dtmf', '12'],
])('finds no digit in %s %j', (type, content) => {
  expect(readDtmfInfo(type, content)).toBeUndefined();
});

it('reads what it writes', () => {
  const { contentType, content } = formatDtmfInfo({ digit: 'A', durationMs: 119.6 });
  expect(readDtmfInfo(contentType, content)).toEqual({ digit: 'A', durationMs: 120 });
});
