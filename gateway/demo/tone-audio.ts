import { encodeMuLaw } from './g711.js';

const SAMPLE_RATE = 8000;

/** One second of a sine in mu-law; loops without a click when `hz` is a whole number. Peak in 16-bit units. */
export function toneAudio(hz: number, peak = 8000): Buffer {
  return Buffer.from(
    Array.from({ length: SAMPLE_RATE }, (_, n) =>
      encodeMuLaw(peak * Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE)),
    ),
  );
}
