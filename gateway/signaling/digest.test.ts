import { describe, expect, it } from 'vitest';
import { Secret } from '../kernel/secret.js';
import { answerChallenge } from './digest-client.js';
import {
  digestResponse,
  formatChallenge,
  formatCredentials,
  parseChallenges,
  parseCredentials,
  type DigestCredentials,
} from './digest.js';

const RFC7616 = {
  username: 'Mufasa',
  password: 'Circle of Life',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  method: 'GET',
  uri: '/dir/index.html',
  qop: {
    value: 'auth',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  },
} as const;

describe('the response', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('is that of RFC 7616 section 3.9.1 for %s', (algorithm, response) => {
    expect(digestResponse({ ...RFC7616, algorithm })).toBe(response);
  });

  it('is that of RFC 2617 section 3.5', () => {
    const response = digestResponse({
      ...{ username: 'Mufasa', password: 'Circle Of Life', realm: 'testrealm@host.com' },
      ...{ nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', method: 'GET', uri: '/dir/index.html' },
      algorithm: 'MD5',
      qop: { value: 'auth', nc: '00000001', cnonce: '0a4f113b' },
    });
    expect(response).toBe('6629fae49393a05397450978507c4ef1');
  });

  it('without qop is that of RFC 2069 with its erratum 749', () => {
    const response = digestResponse({
      ...{ username: 'Mufasa', password: 'CircleOfLife', realm: 'testrealm@host.com' },
      ...{ nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', method: 'GET', uri: '/dir/index.html' },
      algorithm: 'MD5',
    });
    expect(response).toBe('1949323746fe6a43ef61f9606e7febea');
  });
});

describe('headers', () => {
  it('survive a round trip with quotes and commas in the values', () => {
    const credentials: DigestCredentials = {
      ...{ username: 'a,"b', realm: 'r\\x', nonce: 'n', uri: 'sip:x;y=z@h', response: 'ab' },
      ...{ algorithm: 'SHA-256', qop: 'auth', cnonce: 'c', nc: '0000000a' },
    };
    expect(parseCredentials(formatCredentials(credentials))).toEqual(credentials);
  });

  it('tell several challenges in one value apart and leave out what we do not speak', () => {
    const values = [
      'Basic realm="x"',
      'Digest realm="a", nonce="1,Digest x", algorithm=SHA-512-256, qop="auth"',
      formatChallenge({
        ...{ realm: 'b', nonce: '2', algorithm: 'SHA-256', qop: 'auth', stale: true },
      }),
      'Digest realm="c",nonce="3",qop="auth-int"',
      'DIGEST realm="d",nonce="4",opaque="o"',
    ];
    expect(parseChallenges(values.join(','))).toEqual([
      {
        ...{ realm: 'b', nonce: '2', algorithm: 'SHA-256', qop: 'auth', stale: true },
        opaque: undefined,
      },
      {
        ...{ realm: 'd', nonce: '4', algorithm: 'MD5', qop: undefined, stale: false },
        opaque: 'o',
      },
    ]);
  });

  it.each(['', 'Digest', 'Basic abc', 'Digest username="a"', 'Digest =,,,"', ','.repeat(1000)])(
    'that are incomplete give nothing: %j',
    (text) => {
      expect(parseCredentials(text)).toBeUndefined();
      expect(parseChallenges(text)).toEqual([]);
    },
  );
});

describe('answering a challenge', () => {
  const request = {
    ...{ method: 'INVITE', uri: 'sip:1@h' },
    credentials: { username: 'u', password: new Secret('p') },
  };

  it('repeats nonce and opaque, and computes the response', () => {
    const challenge = 'Digest realm="r", nonce="n", opaque="o", qop="auth", algorithm=SHA-256';
    const value = answerChallenge({ ...request, challenge }) ?? '';
    const credentials = parseCredentials(value);
    expect(value).toContain('opaque="o"');
    expect(credentials?.response).toBe(
      digestResponse({
        ...{ username: 'u', password: 'p', realm: 'r', nonce: 'n', algorithm: 'SHA-256' },
        ...{ method: 'INVITE', uri: 'sip:1@h' },
        qop: { value: 'auth', nc: '00000001', cnonce: credentials?.cnonce ?? '' },
      }),
    );
  });

  it('gives nothing when no challenge can be answered', () => {
    expect(answerChallenge({ ...request, challenge: 'Basic realm="x"' })).toBeUndefined();
  });
});
