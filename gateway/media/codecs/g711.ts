import type { CodecName } from '../media-engine.js';

/** ITU-T G.711: 8-bit A-law and mu-law, as tables. */

const MU_LAW_BIAS = 0x84;
const MU_LAW_CLIP = 32_635;
const A_LAW_CLIP = 32_767;

/** 16-bit linear value of a mu-law byte. */
export function decodeMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 7;
  const magnitude = ((((bits & 0x0f) << 3) + MU_LAW_BIAS) << exponent) - MU_LAW_BIAS;
  return (bits & 0x80) !== 0 ? -magnitude : magnitude;
}

export function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MU_LAW_CLIP) + MU_LAW_BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** 16-bit linear value of an A-law byte. */
export function decodeALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}

export function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, A_LAW_CLIP);
  const exponent = Math.max(0, 31 - Math.clz32(magnitude | 1) - 7);
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function table(convert: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => convert(byte));
}

const MU_TO_A = table((byte) => encodeALaw(decodeMuLaw(byte)));
const A_TO_MU = table((byte) => encodeMuLaw(decodeALaw(byte)));

/** Bytes of one G.711 law to bytes of the other; undefined when the pair is not that. */
export function lawConversion(from: CodecName, to: CodecName): Uint8Array | undefined {
  if (from === 'pcmu' && to === 'pcma') return MU_TO_A;
  if (from === 'pcma' && to === 'pcmu') return A_TO_MU;
  return undefined;
}

/** Replaces `buffer[start, end)` by a table, in place. */
export function convertInPlace(
  buffer: Uint8Array,
  range: { start: number; end: number },
  conversion: Uint8Array,
): void {
  for (let index = range.start; index < range.end; index += 1) {
    buffer[index] = conversion[buffer[index] ?? 0] ?? 0;
  }
}
