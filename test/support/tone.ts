/** Sine tones and how well they came through. */

export function tone(shape: {
  hz: number;
  sampleRate: number;
  samples: number;
  amplitude?: number;
}): Int16Array {
  const { hz, sampleRate, samples, amplitude = 8000 } = shape;
  const step = (2 * Math.PI * hz) / sampleRate;
  return Int16Array.from({ length: samples }, (_, index) => amplitude * Math.sin(step * index));
}

export interface HeardTone {
  amplitude: number;
  /** Power of the tone over that of everything else, dB. */
  signalToNoiseDb: number;
}

/** The sine of `hz` that fits best, and what is left without it. */
export function hearTone(pcm: Int16Array, hz: number, sampleRate: number): HeardTone {
  const step = (2 * Math.PI * hz) / sampleRate;
  let [inPhase, quadrature, power] = [0, 0, 0];
  for (const [index, sample] of pcm.entries()) {
    inPhase += sample * Math.sin(step * index);
    quadrature += sample * Math.cos(step * index);
    power += sample * sample;
  }
  const amplitude = (2 * Math.hypot(inPhase, quadrature)) / pcm.length;
  const signal = (amplitude * amplitude) / 2;
  const noise = Math.max(1e-9, power / pcm.length - signal);
  return { amplitude, signalToNoiseDb: 10 * Math.log10(signal / noise) };
}
