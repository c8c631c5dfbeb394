import { describe, expect, it } from 'vitest';
import { keepAnswerableChallenges } from './challenge-filter.js';

const message = (...lines: string[]): string => [...lines, '', 'body\r\n\r\nrest'].join('\r\n');
const sha = 'WWW-Authenticate: Digest realm="r", algorithm=SHA-256, nonce="n"';
const md5 = 'WWW-Authenticate: Digest realm="r", algorithm=MD5, nonce="n"';
const plain = 'www-authenticate: Digest realm="r", nonce="n"';

describe('keepAnswerableChallenges', () => {
  it('drops SHA-256 when MD5 is offered too, and touches nothing else', () => {
    const status = 'SIP/2.0 401 Unauthorized';
    expect(keepAnswerableChallenges(message(status, sha, 'Via: x', md5))).toBe(
      message(status, 'Via: x', md5),
    );
    expect(keepAnswerableChallenges(message(status, sha, plain))).toBe(message(status, plain));
  });

  it.each([
    message('SIP/2.0 401 Unauthorized', sha),
    message('SIP/2.0 401 Unauthorized', md5),
    message('SIP/2.0 200 OK', sha, md5),
    message('INVITE sip:401 SIP/2.0', sha, md5),
    '',
  ])('leaves %j as it is', (text) => {
    expect(keepAnswerableChallenges(text)).toBe(text);
  });
});
