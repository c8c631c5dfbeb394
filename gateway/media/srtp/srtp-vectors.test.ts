import { describe, expect, it } from 'vitest';
import { GcmTransform } from './gcm-transform.js';
import { deriveSessionKeys } from './session-keys.js';
import { SrtpReceiver } from './srtp-receiver.js';
import { SrtpSender } from './srtp-sender.js';
import type { SrtpKey } from './srtp-suite.js';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** RFC 3711 appendix B.3. */
const RFC3711: SrtpKey = {
  suite: 'AES_CM_128_HMAC_SHA1_80',
  material: hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6'),
};

/** RFC 7714 sections 16 and 17: the session keys, not the master keys. */
function gcmKeys(bytes: number) {
  const keys = {
    encryption: Buffer.from(Array.from({ length: bytes }, (_, index) => index)),
    authentication: Buffer.alloc(0),
    salt: hex('517569642070726f2071756f'),
  };
  return { rtp: keys, rtcp: keys };
}
const GALLIA = hex(`8040f17b8041f8d35501a0b2
  47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573`);
const RTCP = hex(`81c8000d4d617273 4e5450314e54503252545020 0000042a0000e9304c756e61
  deadbeefdeadbeefdeadbeefdeadbeefdeadbeef`);

describe('SRTP', () => {
  it('derives the session keys of RFC 3711 appendix B.3', () => {
    expect(deriveSessionKeys(RFC3711, 'rtp')).toEqual({
      encryption: hex('C61E7A93744F39EE10734AFE3FF7A087'),
      authentication: hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'),
      salt: hex('30CBBC08863D8C85D49DB34A9AE1'),
    });
  });

  it('protects a packet as libsrtp does with that key', () => {
    const plain = hex(`800f1234decafbadcafebabe ${'ab'.repeat(16)}`);
    const sealed = new SrtpSender(RFC3711).rtp(plain, 0, plain.length);
    expect(sealed).toEqual(
      hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb'),
    );
    expect(new SrtpReceiver(RFC3711).rtp(sealed!)).toEqual(plain);
  });

  it.each([
    [
      16,
      'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce',
    ],
    [
      32,
      '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13',
    ],
  ])('protects RTP with %i bytes of key as RFC 7714 section 16 does', (bytes, expected) => {
    const packet = Buffer.concat([GALLIA, Buffer.alloc(16)]);
    const place = {
      ...{ header: 12, end: GALLIA.length, ssrc: 0x5501a0b2, rollover: 0, sequence: 0xf17b },
      rtcpIndex: 0,
    };
    const transform = new GcmTransform(gcmKeys(bytes));
    transform.sealRtp(packet, place);
    expect(packet.subarray(12).toString('hex')).toBe(hex(expected).toString('hex'));
    expect(transform.openRtp(packet, place)).toBe(true);
    expect(packet.subarray(0, GALLIA.length)).toEqual(GALLIA);
  });

  it('protects RTCP as RFC 7714 section 17.1 does', () => {
    const packet = Buffer.concat([RTCP, Buffer.alloc(20)]);
    const place = {
      ...{ header: 8, end: RTCP.length, ssrc: 0x4d617273, rollover: 0, sequence: 0 },
      rtcpIndex: 0x5d4,
    };
    new GcmTransform(gcmKeys(16)).sealRtcp(packet, place);
    expect(packet.toString('hex')).toBe(
      hex(`81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda
        4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade 800005d4`).toString('hex'),
    );
  });
});
