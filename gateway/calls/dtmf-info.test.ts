import { expect, it } from 'vitest';
import { dtmfInfoType, formatDtmfInfo, readDtmfInfo, type DtmfInfoType } from './dtmf-info.js';

it.each<[DtmfInfoType, string, string, number]>([
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5', 160],
  ['application/dtmf-relay', 'signal = d\nduration= 250', 'D', 250],
  ['application/dtmf-relay', 'Duration=999999\r\nSignal=*\r\n', '*', 6000],
  ['application/dtmf-relay', 'Signal=1\r\nDuration=0\r\n', '1', 40],
  ['application/dtmf-relay', 'Signal=10', '*', 100],
  ['application/dtmf-relay', 'Signal=15', 'D', 100],
  ['application/dtmf-relay', 'Signal=16', 'R', 100],
  ['application/dtmf-relay', 'Signal=!', 'R', 100],
  ['application/dtmf', '11\r\n', '#', 100],
  ['application/dtmf', '7', '7', 100],
  ['application/dtmf', 'Signal=7\r\nDuration=80', '7', 80],
])('reads %s %j', (...[type, content, digit, durationMs]) => {
  expect(readDtmfInfo(type, content)).toEqual({ digit, durationMs });
});

it.each<[DtmfInfoType, string]>([
  ['application/dtmf-relay', ''],
  ['application/dtmf-relay', '5'],
  ['application/dtmf-relay', 'Signal=17'],
  ['application/dtmf-relay', 'Signal=constructor'],
  ['application/dtmf', '12345'],
  ['application/dtmf', ''],
])('finds no digit in %s %j', (type, content) => {
  expect(readDtmfInfo(type, content)).toBeUndefined();
});

it.each([
  ['Application/DTMF-Relay; charset=utf-8', 'application/dtmf-relay'],
  ['application/dtmf', 'application/dtmf'],
  ['application/dtmf-relay2', undefined],
  ['', undefined],
])('knows the type of %j', (contentType, type) => {
  expect(dtmfInfoType(contentType)).toBe(type);
});

it.each<DtmfInfoType>(['application/dtmf-relay', 'application/dtmf'])(
  'reads what it writes as %s',
  (type) => {
    for (const digit of '0123456789*#ABCDR') {
      const { contentType, content } = formatDtmfInfo({ digit, durationMs: 119.6 }, type);
      expect(contentType).toBe(type);
      const durationMs = type === 'application/dtmf' ? 100 : 120;
      expect(readDtmfInfo(type, content)).toEqual({ digit, durationMs });
    }
  },
);
