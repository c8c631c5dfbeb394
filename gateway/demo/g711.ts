/** ITU-T G.711: tables for both laws, each code to 16-bit linear and mu-law to A-law. */
export type Law = 'PCMU' | 'PCMA';

/** Silence. */
export const MU_LAW_ZERO = 0xff;

const MU_BIAS = 0x84;

/** The 16-bit value of one mu-law code. */
export function muLawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MU_BIAS) << ((bits & 0x70) >> 4)) - MU_BIAS;
  return (bits & 0x80) !== 0 ? -magnitude : magnitude;
}

function aLawToLinear(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}

const MU_TABLE = Int16Array.from({ length: 256 }, (_, code) => muLawToLinear(code));
const A_TABLE = Int16Array.from({ length: 256 }, (_, code) => aLawToLinear(code));

/** The code whose value is nearest; only used to build tables and short tones. */
function nearest(table: Int16Array, linear: number): number {
  let best = 0;
  for (let code = 1; code < 256; code += 1) {
    const here = Math.abs((table[code] ?? 0) - linear);
    if (here < Math.abs((table[best] ?? 0) - linear)) best = code;
  }
  return best;
}

const MU_TO_A = Uint8Array.from({ length: 256 }, (_, code) =>
  nearest(A_TABLE, MU_TABLE[code] ?? 0),
);

/** Writes one 16-bit linear value for each byte of `codes`; `into` must be long enough. */
export function decodeG711(law: Law, codes: Uint8Array, into: Int16Array): void {
  const table = law === 'PCMU' ? MU_TABLE : A_TABLE;
  for (let index = 0; index < codes.length; index += 1) {
    into[index] = table[codes[index] ?? 0] ?? 0;
  }
}

export function encodeMuLaw(linear: number): number {
  return nearest(MU_TABLE, linear);
}

export function muLawToALaw(codes: Uint8Array): Buffer {
  const converted = Buffer.allocUnsafe(codes.length);
  for (let index = 0; index < codes.length; index += 1) {
    converted[index] = MU_TO_A[codes[index] ?? 0] ?? 0;
  }
  return converted;
}
