import { describe, expect, it } from 'vitest';
import { judgeRefusal } from './refusal.js';

const SENT = {
  ...{ number: '+49301', numberFormat: 'e164', fromUser: '+4930111' },
  offer: 'v=0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n',
};
const refusal = { reason: 'Text', reasonHeader: undefined, local: false };
const sentence = (
  given: Partial<Parameters<typeof judgeRefusal>[0]> & { status: number },
): string => judgeRefusal({ ...refusal, ...given }, 'acme', SENT).end.sentence;

describe('the sentence about a refusal', () => {
  it.each([404, 484, 604])('of %i names the number as it was written', (status) => {
    expect(sentence({ status })).toContain(
      `(${status} Text); it was asked for +49301 (numberFormat e164).`,
    );
  });

  it('of 403 names the From user', () => {
    expect(sentence({ status: 403 })).toBe(
      'The carrier "acme" refused the call (403 Text); the call came from the From user +4930111 and asked for +49301.',
    );
  });

  it('of 488 names both lists of codecs and the Warning', () => {
    const sdp = 'v=0\r\nm=audio 0 RTP/SAVP 18 96\r\na=rtpmap:96 opus/48000/2\r\n';
    const warningHeader = '305 carrier "Incompatible media\r\nformat"';
    expect(sentence({ status: 488, sdp, warningHeader })).toBe(
      'The carrier "acme" refused the call (488 Text); it was offered PCMA/8000, PCMU/8000, telephone-event/8000 over RTP/AVP, ' +
        'and it would take G729/8000, opus/48000/2 over RTP/SAVP, Warning: 305 carrier "Incompatible media format".',
    );
    expect(sentence({ status: 488, sdp: 'rubbish' })).toContain('it would take no audio.');
  });

  it.each([
    ['wrong', 'did not accept our credentials (407 Text).'],
    ['no-credentials', 'asks for credentials, and the trunk has none (407 Text).'],
    ['not-understood', 'asks for a sign-in that is no digest of MD5 or SHA-256 (407 Text).'],
  ] as const)('of 407 says when credentials are %s', (challenge, end) => {
    expect(sentence({ status: 407, challenge })).toBe(`The carrier "acme" ${end}`);
  });

  it('of our own SIP server says nothing about what the carrier never saw', () => {
    const reasonHeader = 'SIP;cause=503;text="DNS has no address for acme.example."';
    expect(sentence({ status: 503, local: true, reasonHeader })).toContain(
      'DNS has no address for acme.example',
    );
    expect(sentence({ status: 488, local: true })).not.toContain('offered');
  });
});
