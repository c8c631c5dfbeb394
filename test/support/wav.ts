/** Makes WAV files, right ones and broken ones. */
export interface WavShape {
  code?: number;
  channels?: number;
  sampleRate?: number;
  bits?: number;
  data: Buffer;
}

export function wavFile(shape: WavShape): Buffer {
  const { code = 1, channels = 1, sampleRate = 8000, bits = 16, data } = shape;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(code, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE((sampleRate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

export function linearBytes(pcm: Int16Array): Buffer {
  const bytes = Buffer.alloc(pcm.length * 2);
  for (const [index, sample] of pcm.entries()) bytes.writeInt16LE(sample, index * 2);
  return bytes;
}
