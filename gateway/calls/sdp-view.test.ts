import { describe, expect, it } from 'vitest';
import { holds, raised, sameMedia } from './sdp-view.js';

const sdp = (session: string, audio: string): string =>
  `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n${session}m=video 0 RTP/AVP 96\r\na=inactive\r\nm=audio 4000 RTP/AVP 0\r\n${audio}`;

describe('who holds a call', () => {
  it.each([
    ['', 'a=sendonly\r\n', true, true],
    ['', 'a=inactive\r\n', true, true],
    ['', 'a=recvonly\r\n', false, false],
    ['', '', false, false],
    ['a=sendonly\r\n', '', true, true],
    ['a=sendonly\r\n', 'a=sendrecv\r\n', false, false],
    ['c=IN IP4 0.0.0.0\r\n', '', true, false],
    ['c=IN IP4 192.0.2.1\r\n', 'c=IN IP4 0.0.0.0\r\na=sendrecv\r\n', true, false],
    ['c=IN IP4 0.0.0.0\r\n', 'c=IN IP4 192.0.2.1\r\n', false, false],
    ['', 'm=video 1 RTP/AVP 96\r\na=sendonly\r\n', false, false],
  ])('session %j, audio %j: trunk %s, browser %s', (...row) => {
    const [session, audio, trunk, browser] = row;
    expect([holds(sdp(session, audio), 'trunk'), holds(sdp(session, audio), 'browser')]).toEqual([
      trunk,
      browser,
    ]);
  });

  it('nobody without audio', () => {
    expect(holds('v=0\r\na=sendonly\r\n', 'trunk')).toBe(false);
  });
});

it('the o= line alone is no change of the media', () => {
  const one = sdp('', '');
  expect(sameMedia(one, one.replace('1 1', '1 2'))).toBe(true);
  expect(sameMedia(one, one.replace('4000', '4002'))).toBe(false);
});

it('raises the version of any length, and nothing else', () => {
  expect(raised('v=0\r\no=- 12 18446744073709551614 IN IP4 h\r\n')).toBe(
    'v=0\r\no=- 12 18446744073709551615 IN IP4 h\r\n',
  );
});
