import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { hearTone, tone } from '../../../test/support/tone.js';
import { G722Decoder, G722Encoder } from './g722-codec.js';

const SAMPLE_RATE = 16_000;
const RAW = ['-ar', String(SAMPLE_RATE), '-ac', '1', '-f', 's16le'];
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

function ffmpeg(input: Uint8Array, ...options: string[]): Buffer {
  const result = spawnSync('ffmpeg', ['-loglevel', 'error', ...options], { input });
  expect(result.stderr.toString()).toBe('');
  return result.stdout;
}

/** Tones that wander through both sub-bands, with some silence. */
function sweep(): Int16Array {
  const pcm = new Int16Array(SAMPLE_RATE * 2);
  let phase = 0;
  for (let index = 0; index < pcm.length; index += 1) {
    phase += (2 * Math.PI * (100 + (index / pcm.length) * 6500)) / SAMPLE_RATE;
    const loud = index % 8000 > 1000 ? 9000 : 0;
    pcm[index] = loud * Math.sin(phase) + loud * 0.3 * Math.sin(phase * 0.37);
  }
  return pcm;
}

describe('G.722', () => {
  it('carries its higher band too', () => {
    const [encoder, decoder] = [new G722Encoder(), new G722Decoder()];
    const input = tone({ hz: 5500, sampleRate: SAMPLE_RATE, samples: SAMPLE_RATE / 5 });
    const pcm = new Int16Array(input.length);
    expect(decoder.decode(encoder.encode(input), pcm)).toBe(input.length);
    expect(hearTone(pcm.subarray(800), 5500, SAMPLE_RATE).signalToNoiseDb).toBeGreaterThan(15);
  });

  it('makes one byte of two samples: 64 kbit/s', () => {
    expect(new G722Encoder().encode(new Int16Array(320))).toHaveLength(160);
  });

  // Debian's ffmpeg has a G.722 of its own making; without it the round trips have to do.
  it.runIf(hasFfmpeg)('decodes bit by bit as ffmpeg does', () => {
    const payload = Uint8Array.from(new G722Encoder().encode(sweep()));
    const pcm = new Int16Array(payload.length * 2);
    new G722Decoder().decode(payload, pcm);
    const theirs = ffmpeg(payload, '-f', 'g722', '-i', 'pipe:0', ...RAW, 'pipe:1');
    const expected = new Int16Array(theirs.buffer, theirs.byteOffset, theirs.length >> 1);
    const off = expected.findIndex((sample, index) => sample !== pcm[index]);
    expect([expected.length, off]).toEqual([pcm.length, -1]);
  });

  it.runIf(hasFfmpeg)('encodes what ffmpeg decodes as well as its own', () => {
    const input = sweep();
    const bytes = new Uint8Array(input.buffer);
    const theirs = ffmpeg(bytes, ...RAW, '-i', 'pipe:0', '-f', 'g722', 'pipe:1');
    const ours = new G722Encoder().encode(input);
    const different = ours.reduce((sum, byte, index) => sum + Number(byte !== theirs[index]), 0);
    expect(ours.length).toBe(theirs.length);
    expect(different / ours.length).toBeLessThan(0.01);
  });
});
