import { describe, expect, it } from 'vitest';
import { parseReferTo, parseReplaces } from './replaces.js';
import { refuseStreams } from './refuse-streams.js';

const ID = { callId: 'a@b', toTag: 't', fromTag: 'f' };

describe('Replaces', () => {
  it.each([
    ['a@b;to-tag=t;from-tag=f', ID],
    ['a@b; From-Tag=f;early-only; To-Tag=t', ID],
    ['a@b;to-tag=t', undefined],
    [';to-tag=t;from-tag=f', undefined],
    ['', undefined],
  ])('%s', (value, id) => {
    expect(parseReplaces(value)).toEqual(id);
  });
});

describe('Refer-To', () => {
  it.each([
    ['<sip:+49301@gw.test;user=phone>', { user: '+49301', host: 'gw.test', replaces: undefined }],
    ['sip:100@gw.test', { user: '100', host: 'gw.test', replaces: undefined }],
    ['"Bob" <tel:+49301>', { user: '+49301', host: '', replaces: undefined }],
    [
      '<sip:bob@gw.test?X=1&Replaces=a%40b%3Bto-tag%3Dt%3Bfrom-tag%3Df>',
      { user: 'bob', host: 'gw.test', replaces: ID },
    ],
    ['<sip:bob@gw.test?Replaces=%ZZ>', undefined],
    ['<sip:bob@gw.test;method=BYE>', undefined],
    ['<mailto:bob@gw.test>', undefined],
    ['', undefined],
  ])('%s', (value, target) => {
    expect(parseReferTo(value)).toEqual(target);
  });
});

it('every stream of an offer is refused, in order', () => {
  const offer = 'v=0\r\nm=audio 4000/2 RTP/AVP 0 8\r\na=mid:0\r\nm=video 1 RTP/AVP 96\r\n';
  expect(refuseStreams(offer)).toMatch(/m=audio 0 RTP\/AVP 0 8\r\nm=video 0 RTP\/AVP 96\r\n$/);
});
