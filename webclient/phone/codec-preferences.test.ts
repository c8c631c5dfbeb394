import { describe, expect, it } from 'vitest';
import { preferCodecs, takesTelephoneEvents } from './codec-preferences.js';

const codec = (name: string, clockRate = 8000) => ({ mimeType: `audio/${name}`, clockRate });
const events48 = codec('telephone-event', 48_000);
const events8 = codec('telephone-event');
const available = [
  codec('opus', 48_000),
  codec('G722'),
  codec('PCMU'),
  codec('PCMA'),
  events48,
  events8,
];

describe('preferCodecs', () => {
  it('orders what is wanted and keeps every telephone-event', () => {
    expect(preferCodecs(available, ['pcmu', 'opus'])).toEqual([
      codec('PCMU'),
      codec('opus', 48_000),
      events48,
      events8,
    ]);
  });

  it('changes nothing when the browser has none of them', () => {
    expect(preferCodecs(available, ['amr'])).toBeUndefined();
  });
});

describe('takesTelephoneEvents', () => {
  it('looks for the payload type in the answer', () => {
    expect(takesTelephoneEvents('m=audio 9 X 0 126\r\na=rtpmap:126 telephone-event/8000\r\n')).toBe(
      true,
    );
    expect(takesTelephoneEvents('m=audio 9 X 0\r\na=rtpmap:0 PCMU/8000\r\n')).toBe(false);
  });
});
