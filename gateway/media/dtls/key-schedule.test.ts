import { describe, expect, it } from 'vitest';
import { prf, recordKeys, srtpKeys } from './key-schedule.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('the key schedule', () => {
  it('has the PRF of TLS 1.2 with SHA-256', () => {
    // The test vector of the TLS working group's list (mail-archive ietf-tls, 2009, "TLS 1.2 PRF test vectors").
    const made = prf(
      {
        secret: hex('9b be 43 6b a9 40 f0 17 b1 76 52 84 9a 71 db 35'),
        label: 'test label',
        seed: hex('a0 ba 9f 93 6c da 31 18 27 a6 f7 96 ff d5 19 8c'),
      },
      100,
    );
    expect(made.toString('hex')).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a' +
        '6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab' +
        '4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
        '87347b66',
    );
  });

  it('cuts the exporter into keys and salts, client before server', () => {
    const master = Buffer.alloc(48, 7);
    const randoms = { client: Buffer.alloc(32, 1), server: Buffer.alloc(32, 2) };
    const seed = Buffer.concat([randoms.client, randoms.server]);
    for (const [suite, key, salt] of [
      ['AES_CM_128_HMAC_SHA1_80', 16, 14],
      ['AEAD_AES_128_GCM', 16, 12],
      ['AEAD_AES_256_GCM', 32, 12],
    ] as const) {
      const input = { secret: master, label: 'EXTRACTOR-dtls_srtp', seed };
      const { client, server } = srtpKeys(master, randoms, suite);
      const put = [
        ...[client, server].map(({ material }) => material.subarray(0, key)),
        ...[client, server].map(({ material }) => material.subarray(key)),
      ];
      expect(Buffer.concat(put)).toEqual(prf(input, 2 * (key + salt)));
      expect(client.suite).toBe(suite);
    }
  });

  it('expands the record keys with the server random first', () => {
    const randoms = { client: Buffer.alloc(32, 1), server: Buffer.alloc(32, 2) };
    const seed = Buffer.concat([randoms.server, randoms.client]);
    const master = Buffer.alloc(48, 7);
    const whole = prf({ secret: master, label: 'key expansion', seed }, 40);
    const { client, server } = recordKeys(master, randoms);
    expect(Buffer.concat([client.key, server.key, client.iv, server.iv])).toEqual(whole);
  });
});
