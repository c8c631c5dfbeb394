import { describe, expect, it } from 'vitest';
import { decodeG711, encodeMuLaw, MU_LAW_ZERO, muLawToALaw } from './g711.js';

function decode(law: 'PCMU' | 'PCMA', ...codes: number[]): number[] {
  const into = new Int16Array(codes.length);
  decodeG711(law, Uint8Array.from(codes), into);
  return Array.from(into);
}

describe('G.711', () => {
  it('decodes the corner values of mu-law', () => {
    // ITU-T G.711 table 2, scaled to 16 bits.
    expect(decode('PCMU', 0xff, 0x7f, 0xfe, 0x80, 0x00, 0xe5)).toEqual([
      0, 0, 8, 32_124, -32_124, 292,
    ]);
  });

  it('decodes the corner values of A-law', () => {
    // ITU-T G.711 table 1, scaled to 16 bits.
    expect(decode('PCMA', 0xd5, 0x55, 0xaa, 0x2a)).toEqual([8, -8, 32_256, -32_256]);
  });

  it('encodes every mu-law value back to a code of the same value', () => {
    for (let code = 0; code < 256; code += 1) {
      const [value = NaN] = decode('PCMU', code);
      expect(decode('PCMU', encodeMuLaw(value))).toEqual([value]);
    }
    expect(decode('PCMU', MU_LAW_ZERO)).toEqual([0]);
  });

  it('turns mu-law into A-law within half a step', () => {
    for (let code = 0; code < 256; code += 1) {
      const [mu = NaN] = decode('PCMU', code);
      const [a = NaN] = decode('PCMA', muLawToALaw(Uint8Array.of(code))[0] ?? 0);
      expect(Math.abs(a - mu)).toBeLessThanOrEqual(Math.max(16, Math.abs(mu) / 32));
    }
  });
});
