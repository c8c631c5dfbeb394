import { encodeALaw } from '../codecs/g711.js';

const FILE_HEADER_BYTES = 8;
const CHUNK_HEADER_BYTES = 12;
const DESCRIPTION_BYTES = 32;
const TABLE_BYTES = 24;
const EDIT_COUNT_BYTES = 4;
const DATA_AT =
  FILE_HEADER_BYTES + 3 * CHUNK_HEADER_BYTES + DESCRIPTION_BYTES + TABLE_BYTES + EDIT_COUNT_BYTES;

/**
 * Samples as a Core Audio file in A-law, mono, in packets of a given length: unlike WAV, it has its reader take that much at a time.
 * @param pcm whole packets
 */
export function writeCaf(
  pcm: Int16Array,
  { sampleRate, packetSamples }: { sampleRate: number; packetSamples: number },
): Buffer {
  const file = Buffer.alloc(DATA_AT + pcm.length);
  let at = file.write('caff', 0, 'latin1');
  at = file.writeUInt32BE(0x0001_0000, at);
  at = chunk(file, at, { type: 'desc', bytes: DESCRIPTION_BYTES });
  at = file.writeDoubleBE(sampleRate, at);
  at += file.write('alaw', at, 'latin1');
  at = file.writeUInt32BE(0, at);
  at = file.writeUInt32BE(packetSamples, at);
  at = file.writeUInt32BE(packetSamples, at);
  at = file.writeUInt32BE(1, at);
  at = file.writeUInt32BE(8, at);
  at = chunk(file, at, { type: 'pakt', bytes: TABLE_BYTES });
  at = file.writeBigInt64BE(BigInt(pcm.length / packetSamples), at);
  at = file.writeBigInt64BE(BigInt(pcm.length), at) + 8;
  at = chunk(file, at, { type: 'data', bytes: EDIT_COUNT_BYTES + pcm.length }) + EDIT_COUNT_BYTES;
  for (const sample of pcm) {
    file[at] = encodeALaw(sample);
    at += 1;
  }
  return file;
}

function chunk(file: Buffer, at: number, { type, bytes }: { type: string; bytes: number }): number {
  return file.writeBigInt64BE(BigInt(bytes), at + file.write(type, at, 'latin1'));
}
