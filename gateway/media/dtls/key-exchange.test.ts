import { describe, expect, it } from 'vitest';
import { createKeyExchange, GROUP_ORDER, GROUPS, type KeyExchange } from './key-exchange.js';

function made(group: number): KeyExchange {
  const exchange = createKeyExchange(group);
  if (exchange === undefined) throw new Error(`There is no group ${group}.`);
  return exchange;
}

const REFUSED = "The browser's DTLS key is not one of its curve.";

describe('key exchange', () => {
  it.each(GROUP_ORDER)('comes to one secret on both sides: group %i', (group) => {
    const [one, another] = [made(group), made(group)];
    const secret = one.agree(another.publicKey);
    expect(secret).toHaveLength(32);
    expect(another.agree(one.publicKey)).toEqual(secret);
    expect(made(group).agree(one.publicKey)).not.toEqual(secret);
  });

  it('has no other group', () => {
    for (const group of [0, 24, 25, 30, 0x11ec]) expect(createKeyExchange(group)).toBeUndefined();
  });

  it('refuses a point of P-256 that is compressed, cut, off the curve, at infinity', () => {
    const ours = made(GROUPS.secp256r1);
    const { publicKey } = made(GROUPS.secp256r1);
    const off = Buffer.from(publicKey);
    off[64] = (off[64] ?? 0) ^ 1;
    const compressed = Buffer.concat([Buffer.of(2), publicKey.subarray(1, 33)]);
    const hybrid = Buffer.concat([Buffer.of(6), publicKey.subarray(1)]);
    for (const key of [
      ...[off, compressed, hybrid, publicKey.subarray(0, 64), Buffer.of(0), Buffer.alloc(0)],
      Buffer.concat([Buffer.of(4), Buffer.alloc(64)]),
    ])
      expect(() => ours.agree(key)).toThrow(REFUSED);
  });

  it('refuses keys of X25519 that lead to zero whatever ours is', () => {
    const ours = made(GROUPS.x25519);
    // RFC 7748 section 6.1: points of small order.
    const small = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
    ];
    for (const key of small) expect(() => ours.agree(Buffer.from(key, 'hex'))).toThrow(REFUSED);
    expect(() => ours.agree(Buffer.alloc(31, 9))).toThrow(REFUSED);
  });
});
