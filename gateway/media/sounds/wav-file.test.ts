import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tone } from '../../../test/support/tone.js';
import { linearBytes, wavFile } from '../../../test/support/wav.js';
import { encodeALaw } from '../codecs/g711.js';
import { FileSource } from './file-source.js';
import { SoundFiles } from './sound-files.js';
import { parseWav } from './wav-file.js';

const samples = tone({ hz: 440, sampleRate: 8000, samples: 1600 });
const linear = linearBytes(samples);

describe('a WAV file', () => {
  it.each([
    ['linear at 8 kHz', wavFile({ data: linear }), 'linear', 8000],
    ['linear at 16 kHz', wavFile({ data: linear, sampleRate: 16_000 }), 'linear', 16_000],
    ['A-law', wavFile({ code: 6, bits: 8, data: Buffer.alloc(80) }), 'pcma', 8000],
    ['mu-law', wavFile({ code: 7, bits: 8, data: Buffer.alloc(80) }), 'pcmu', 8000],
  ] as const)('can be %s', (_, file, ...[coding, sampleRate]) => {
    expect(parseWav(file, 'a.wav')).toMatchObject({ coding, sampleRate });
  });

  const good = wavFile({ data: linear });
  it.each([
    ['text', Buffer.from('hello, this is no sound at all'), /does not begin with RIFF/],
    ['nothing', Buffer.alloc(0), /does not begin with RIFF/],
    ['cut in its header', good.subarray(0, 30), /no whole fmt/],
    ['cut before its samples', good.subarray(0, 36), /no data/],
    ['without samples', wavFile({ data: Buffer.alloc(0) }), /no sample/],
    ['stereo', wavFile({ data: linear, channels: 2 }), /2 channels/],
    ['of another rate', wavFile({ data: linear, sampleRate: 44_100 }), /44100 samples/],
    ['of 24 bits', wavFile({ data: linear, bits: 24 }), /24 bits/],
    ['MP3 in WAV', wavFile({ data: linear, code: 85 }), /coding 85/],
    ['with a chunk of 4 GB', corruptChunk(), /no whole fmt/],
  ])('that is %s is refused by name', (_, file, sentence) => {
    expect(() => parseWav(file, '/sounds/a.wav')).toThrow(sentence);
    expect(() => parseWav(file, '/sounds/a.wav')).toThrow('/sounds/a.wav');
  });

  it('plays once to its end, or again and again', () => {
    const audio = parseWav(wavFile({ data: linear }), 'a.wav');
    const pcm = new Int16Array(1000);
    const once = new FileSource(audio, false);
    expect([once.fill(pcm), once.fill(pcm), once.fill(pcm)]).toEqual([1000, 600, 0]);
    const loop = new FileSource(audio, true);
    loop.fill(pcm);
    expect(loop.fill(pcm)).toBe(1000);
    // The seam: faded out and in, no step.
    for (let index = 590; index < 610; index += 1) expect(Math.abs(pcm[index]!)).toBeLessThan(2000);
    expect(pcm[800]).toBe(samples[200]);
  });

  it('in A-law sounds as it was', () => {
    const data = Buffer.from(Array.from(samples, encodeALaw));
    const source = new FileSource(parseWav(wavFile({ code: 6, bits: 8, data }), 'a'), false);
    const pcm = new Int16Array(800);
    source.fill(pcm);
    for (let index = 100; index < 800; index += 1) {
      expect(Math.abs(pcm[index]! - samples[index]!)).toBeLessThan(300);
    }
  });
});

function corruptChunk(): Buffer {
  const file = Buffer.from(wavFile({ data: linear }));
  file.write('junk', 12, 'latin1');
  file.writeUInt32LE(0xffff_ffff, 16);
  return file;
}

describe('sound files', () => {
  it('are read again when they change, and refused by name when they cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'copperline-sounds-'));
    const path = join(folder, 'hold.wav');
    const files = new SoundFiles();
    try {
      await expect(files.read(path)).rejects.toMatchObject({ code: 'CL_MEDIA_SOUND_FILE' });
      writeFileSync(path, wavFile({ data: linear }));
      const first = await files.read(path);
      expect(await files.read(path)).toBe(first);
      writeFileSync(path, wavFile({ data: linear.subarray(0, 800) }));
      expect((await files.read(path)).data).toHaveLength(800);
      await expect(files.read(folder)).rejects.toThrow(/cannot be read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
