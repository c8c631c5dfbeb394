import type { DigitEvent } from '../../../gateway/media/dtmf/digit-event.js';
import { ToneDetector } from '../../../gateway/media/dtmf/tone-detector.js';
import { amplitudeOf, frequenciesOf } from '../../../gateway/media/dtmf/tone-plan.js';

export interface ToneShape {
  digit: string;
  ms?: number;
  lowDbm0?: number;
  highDbm0?: number;
  /** Factor on both frequencies, or on each of the two. */
  detune?: number | readonly [low: number, high: number];
}

/** Two sines with hard edges: the worst that a telephone sends. */
export function pair(shape: ToneShape): Int16Array {
  const { digit, ms = 80, lowDbm0 = -10, highDbm0 = -10, detune = 1 } = shape;
  const [lowFactor, highFactor] = typeof detune === 'number' ? [detune, detune] : detune;
  const { low, high } = frequenciesOf(digit)!;
  const turn = (2 * Math.PI) / 8000;
  return Int16Array.from({ length: ms * 8 }, (_, index) =>
    Math.round(
      amplitudeOf(lowDbm0) * Math.sin(turn * low * lowFactor * index) +
        amplitudeOf(highDbm0) * Math.sin(turn * high * highFactor * index + 1),
    ),
  );
}

export function silence(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** White noise of a level, from a generator with a seed. */
export function noise(samples: number, dbm0: number, seed = 1): Int16Array {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000 - 0.5;
  };
  // A uniform variable of width 1 has the variance 1/12, a sine of amplitude A the power A^2 / 2.
  const width = Math.sqrt((12 * amplitudeOf(dbm0) ** 2) / 2);
  return Int16Array.from({ length: samples }, () => Math.round(random() * width));
}

export function mixed(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, index) => Math.max(-32_768, Math.min(32_767, sample + other[index]!)));
}

/** All events of a detector that hears `pcm` in packets of `step` samples, with silence around it. */
export function listen(pcm: Int16Array, step = 160): DigitEvent[] {
  const events: DigitEvent[] = [];
  const detector = new ToneDetector({ onDigit: (event) => events.push(event) });
  const all = joined(silence(60), pcm, silence(60));
  for (let at = 0; at < all.length; at += step) {
    const packet = all.subarray(at, at + step);
    detector.push(packet, packet.length, (at + packet.length) / 8);
  }
  detector.finish();
  return events;
}

/** The ended digits, one character each. */
export function heard(pcm: Int16Array, step?: number): string {
  return listen(pcm, step)
    .filter(({ ended }) => ended)
    .map(({ digit }) => digit)
    .join('');
}
