import { describe, expect, it } from 'vitest';
import { createAudioCodec } from './audio-codec.js';
import { FRAME_BYTES } from './playback.js';
import { toneAudio } from './tone-audio.js';
import { ToneDetector } from './tone-detector.js';

const TONE = toneAudio(440);

describe.each([
  { codec: 'PCMU', units: 160 },
  { codec: 'PCMA', units: 160 },
  { codec: 'OPUS', units: 960 },
] as const)('the carrier’s $codec', ({ codec, units }) => {
  it('keeps a tone through encoding and decoding', () => {
    const audio = createAudioCodec(codec);
    const detector = new ToneDetector();
    const samples = new Int16Array(2000);
    for (let offset = 0; offset < TONE.length; offset += FRAME_BYTES) {
      const packet = audio!.encode(TONE.subarray(offset, offset + FRAME_BYTES));
      const count = audio!.decode(packet, samples);
      expect(count).toBe(FRAME_BYTES);
      detector.push(samples, count);
    }
    expect(audio?.unitsPerFrame).toBe(units);
    expect(detector.latest?.frequencyHz).toBeGreaterThan(435);
    expect(detector.latest?.frequencyHz).toBeLessThan(445);
  });

  it('survives payloads that are not of the codec', () => {
    const audio = createAudioCodec(codec);
    const samples = new Int16Array(2000);
    expect(audio?.decode(Buffer.alloc(4000, 0xff), samples)).toBe(0);
    expect(audio?.decode(Buffer.alloc(0), samples)).toBeLessThanOrEqual(2000);
  });
});

it('has nothing to say in G.722', () => {
  expect(createAudioCodec('G722')).toBeUndefined();
});
