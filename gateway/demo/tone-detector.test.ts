import { describe, expect, it } from 'vitest';
import { decodeG711, muLawToALaw } from './g711.js';
import { toneAudio } from './tone-audio.js';
import { ToneDetector, type ToneReading } from './tone-detector.js';
import { ToneWatch } from './tone-watch.js';

function sine(hz: number, peak: number, count = 800): Int16Array {
  return Int16Array.from({ length: count }, (_, n) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * n) / 8000)),
  );
}

function read(samples: Int16Array): ToneReading | undefined {
  const detector = new ToneDetector();
  detector.push(samples);
  return detector.latest;
}

describe('the tone detector', () => {
  it.each([150, 440, 451, 697, 710, 852.5, 1000, 1477, 2600, 3400])('finds %d Hz', (hz) => {
    const reading = read(sine(hz, 16_384));
    expect(reading?.frequencyHz).toBeCloseTo(hz, 0);
    expect(reading?.levelDbfs).toBeCloseTo(-6, 0);
    expect(reading?.purity).toBeGreaterThan(0.95);
  });

  it('finds a tone that went through both laws of G.711', () => {
    const codes = toneAudio(440).subarray(0, 800);
    const samples = new Int16Array(800);
    decodeG711('PCMU', codes, samples);
    expect(read(samples)?.frequencyHz).toBeCloseTo(440, 0);
    decodeG711('PCMA', muLawToALaw(codes), samples);
    expect(read(samples)?.frequencyHz).toBeCloseTo(440, 0);
  });

  it('finds a tone under noise 12 dB below, and calls noise alone impure', () => {
    // A fixed generator, so that the case is the same on every run.
    let state = 12_345;
    const noise = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
      return (state >> 16) / 8;
    };
    const hiss = Int16Array.from({ length: 800 }, noise);
    const mixed = sine(1200, 14_000).map((value, n) => value + (hiss[n] ?? 0));
    expect(read(mixed)?.frequencyHz).toBeCloseTo(1200, -1);
    expect(read(mixed)?.purity).toBeGreaterThan(0.8);
    expect(read(hiss)?.purity).toBeLessThan(0.3);
  });

  it('hears nothing in silence, in a whisper below the floor, or before a block is complete', () => {
    expect(read(new Int16Array(800))).toBeUndefined();
    expect(read(sine(440, 20))).toBeUndefined();
    expect(read(sine(440, 16_384, 799))).toBeUndefined();
  });

  it('takes samples in packets of any size and tells each block', () => {
    const seen: (number | undefined)[] = [];
    const detector = new ToneDetector((reading) => seen.push(reading?.frequencyHz));
    const samples = sine(500, 10_000, 1600);
    for (let at = 0; at < 1600; at += 160) detector.push(samples.subarray(at, at + 160));
    detector.push(new Int16Array(900), 800);
    expect(seen).toHaveLength(3);
    expect(seen[0]).toBeCloseTo(500, 0);
    expect(seen[1]).toBeCloseTo(500, 0);
    expect(seen[2]).toBeUndefined();
  });
});

describe('the tone watch', () => {
  it('tells a tone once it lasts, once, and again after a pause', () => {
    const told: number[] = [];
    const watch = new ToneWatch((tone) => told.push(tone.frequencyHz));
    const tone = (frequencyHz: number, purity = 0.9): ToneReading => ({
      frequencyHz,
      purity,
      levelDbfs: -10,
    });
    const impure = tone(440, 0.2);
    for (const block of [tone(440), undefined, tone(440), tone(880), impure, impure]) {
      watch.block(block);
    }
    expect(told).toEqual([]);
    for (const block of [tone(440), tone(442), tone(441), undefined, tone(440), tone(440)]) {
      watch.block(block);
    }
    expect(told).toEqual([442, 440]);
  });
});
