import { describe, expect, it } from 'vitest';
import {
  convertInPlace,
  decodeALaw,
  decodeMuLaw,
  encodeALaw,
  encodeMuLaw,
  lawConversion,
} from './g711.js';

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

describe('G.711', () => {
  it('decodes the corners of both laws (ITU-T G.711 tables 1 and 2)', () => {
    expect([0x00, 0x80, 0xff, 0x7f].map(decodeMuLaw)).toEqual([-32_124, 32_124, 0, -0]);
    expect([0xd5, 0x55, 0xaa, 0x2a].map(decodeALaw)).toEqual([8, -8, 32_256, -32_256]);
  });

  it('encodes every decoded value back to its byte', () => {
    for (const byte of BYTES) {
      expect(encodeALaw(decodeALaw(byte))).toBe(byte);
      // Mu-law has two zeros; the negative one comes back as the positive.
      expect(encodeMuLaw(decodeMuLaw(byte))).toBe(byte === 0x7f ? 0xff : byte);
    }
  });

  it('keeps every sample within the coarser step when it changes the law', () => {
    const conversion = lawConversion('pcmu', 'pcma')!;
    for (const byte of BYTES) {
      const [before, after] = [decodeMuLaw(byte), decodeALaw(conversion[byte]!)];
      expect(Math.abs(before - after)).toBeLessThanOrEqual(Math.max(16, Math.abs(before) / 16));
    }
    const buffer = Uint8Array.of(1, 2, 3, 4);
    convertInPlace(buffer, { start: 1, end: 3 }, conversion);
    expect([...buffer]).toEqual([1, conversion[2], conversion[3], 4]);
  });

  it('converts between the two laws only', () => {
    expect(lawConversion('pcmu', 'pcmu')).toBeUndefined();
    expect(lawConversion('opus', 'pcma')).toBeUndefined();
    expect(lawConversion('pcma', 'pcmu')).toBeDefined();
  });
});
