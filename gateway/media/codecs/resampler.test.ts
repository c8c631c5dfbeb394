import { describe, expect, it } from 'vitest';
import { hearTone, tone } from '../../../test/support/tone.js';
import { Resampler } from './resampler.js';

const AMPLITUDE = 10_000;
const PAIRS = [
  [8000, 16_000],
  [8000, 48_000],
  [16_000, 8000],
  [16_000, 48_000],
  [48_000, 8000],
  [48_000, 16_000],
] as const;

/** A second of a tone, in packets of 20 ms, without the first 100 ms. */
function resampled(hz: number, fromRate: number, toRate: number): Int16Array {
  const resampler = new Resampler(fromRate, toRate);
  const input = tone({ hz, sampleRate: fromRate, samples: fromRate, amplitude: AMPLITUDE });
  const packet = fromRate / 50;
  const output = new Int16Array(resampler.outputFor(packet));
  const heard: number[] = [];
  for (let at = 0; at < input.length; at += packet) {
    const made = resampler.convert(input.subarray(at, at + packet), packet, output);
    heard.push(...output.subarray(0, made));
  }
  return Int16Array.from(heard).subarray(toRate / 10);
}

function decibels(ratio: number): number {
  return 20 * Math.log10(ratio);
}

describe.each(PAIRS)('Resampler from %i to %i Hz', (fromRate, toRate) => {
  it('passes the band within 0.1 dB, 60 dB above everything else', () => {
    for (const hz of [0.0375, 0.125, 0.25, 0.375, 0.42].map(
      (part) => part * Math.min(fromRate, toRate),
    )) {
      const heard = hearTone(resampled(hz, fromRate, toRate), hz, toRate);
      expect(Math.abs(decibels(heard.amplitude / AMPLITUDE)), `${hz} Hz`).toBeLessThan(0.1);
      expect(heard.signalToNoiseDb, `${hz} Hz`).toBeGreaterThan(60);
    }
  });

  it('makes just as many samples as the rates ask for, whatever the packets', () => {
    const resampler = new Resampler(fromRate, toRate);
    let [given, made] = [0, 0];
    for (let round = 0; round < 200; round += 1) {
      const samples = (round * 37) % 331;
      const output = new Int16Array(resampler.outputFor(samples));
      const more = resampler.convert(new Int16Array(samples), samples, output);
      expect(more).toBeLessThanOrEqual(output.length);
      given += samples;
      made += more;
    }
    expect(Math.abs(made - (given * toRate) / fromRate)).toBeLessThan(toRate / fromRate + 1);
  });
});

it('stops what the lower rate cannot carry by 70 dB', () => {
  for (const [fromRate, toRate] of PAIRS.filter(([from, to]) => to < from)) {
    for (const hz of [0.535, 0.6, 0.75, 0.9].map((part) => part * toRate)) {
      const output = resampled(hz, fromRate, toRate);
      const rms = Math.sqrt(output.reduce((sum, value) => sum + value * value, 0) / output.length);
      expect(decibels((rms * Math.SQRT2) / AMPLITUDE), `${fromRate}: ${hz} Hz`).toBeLessThan(-70);
    }
  }
});
