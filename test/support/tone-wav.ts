import { writeFileSync } from 'node:fs';

/**
 * Writes a mono 48 kHz 16-bit WAV file with a steady sine tone: what Chromium's fake microphone plays
 * (`--use-file-for-fake-audio-capture`). The length is a whole number of periods, so that it loops without a click.
 */
export function writeToneWav(path: string, frequencyHz: number): void {
  const sampleRate = 48_000;
  const samples = sampleRate;
  const data = Buffer.alloc(44 + samples * 2);
  data.write('RIFF', 0, 'latin1');
  data.writeUInt32LE(data.length - 8, 4);
  data.write('WAVEfmt ', 8, 'latin1');
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(sampleRate, 24);
  data.writeUInt32LE(sampleRate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36, 'latin1');
  data.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    const value = Math.round(12_000 * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRate));
    data.writeInt16LE(value, 44 + i * 2);
  }
  writeFileSync(path, data);
}
