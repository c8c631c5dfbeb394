import { describe, expect, it } from 'vitest';
import type { CodecName } from '../media-engine.js';
import {
  chooseTelephoneEvent,
  parseEvents,
  rtpClockRate,
  telephoneEventRatesToOffer,
  type OfferedTelephoneEvent,
} from './telephone-event-choice.js';

const chromium: OfferedTelephoneEvent[] = [
  { payloadType: 110, clockRate: 48_000 },
  { payloadType: 126, clockRate: 8000 },
];
const firefox: OfferedTelephoneEvent[] = [{ payloadType: 101, clockRate: 8000, events: '0-15' }];
const wideband: OfferedTelephoneEvent[] = [
  { payloadType: 97, clockRate: 16_000 },
  { payloadType: 98, clockRate: 48_000 },
];

describe('chooseTelephoneEvent', () => {
  it.each<{ codec: CodecName; offered: OfferedTelephoneEvent[]; type?: number; name: string }>([
    { name: 'Opus, Chromium', codec: 'opus', offered: chromium, type: 110 },
    {
      name: 'Opus, Chromium in another order',
      codec: 'opus',
      offered: [...chromium].reverse(),
      type: 110,
    },
    { name: 'Opus, Firefox', codec: 'opus', offered: firefox, type: 101 },
    { name: 'PCMU, Chromium', codec: 'pcmu', offered: chromium, type: 126 },
    { name: 'PCMA, Firefox', codec: 'pcma', offered: firefox, type: 101 },
    { name: 'G.722 runs at 8000 in RTP', codec: 'g722', offered: chromium, type: 126 },
    { name: 'G.711 with no telephone-event at 8000', codec: 'pcmu', offered: wideband },
    { name: 'Opus with 16000 and 48000', codec: 'opus', offered: wideband, type: 98 },
    { name: 'nothing offered', codec: 'opus', offered: [] },
  ])('$name', ({ codec, offered, type }) => {
    expect(chooseTelephoneEvent(codec, offered)?.payloadType).toBe(type);
  });

  it.each([
    [undefined, '0-15'],
    ['0-15', '0-15'],
    ['0-16', '0-16'],
    ['0-11', '0-15'],
    ['0-15,66,70', '0-15'],
    ['0-15,16', '0-16'],
    ['garbage', '0-15'],
  ])('answers a peer that lists %s with %s', (events, answered) => {
    const offered = [{ payloadType: 101, clockRate: 8000, events }];
    expect(chooseTelephoneEvent('pcma', offered)?.events).toBe(answered);
  });
});

describe('parseEvents', () => {
  it.each([
    ['0-15', 0xffff],
    ['0-16', 0x1ffff],
    ['16', 0x1ffff],
    ['0-11', 0x0fff],
    ['0-9,11', 0x0bff],
    [' 1 , 3 ', 0x000a],
    [undefined, 0xffff],
    ['', 0xffff],
    ['66-70', 0xffff],
    ['0-999999999', 0xffff],
    ['0-999', 0x1ffff],
  ])('%s', (list, bits) => {
    expect(parseEvents(list)).toBe(bits);
  });
});

describe('what is offered', () => {
  it.each<[CodecName[], number[]]>([
    [
      ['opus', 'pcmu', 'pcma'],
      [48_000, 8000],
    ],
    [['pcma', 'g722'], [8000]],
    [['opus'], [48_000]],
    [[], []],
  ])('%j gets %j', (codecs, rates) => {
    expect(telephoneEventRatesToOffer(codecs)).toEqual(rates);
  });

  it('knows the RTP clock of each codec', () => {
    expect((['opus', 'g722', 'pcmu', 'pcma'] as const).map(rtpClockRate)).toEqual([
      48_000, 8000, 8000, 8000,
    ]);
  });
});
