import { describe, expect, it } from 'vitest';
import { heard, joined, silence } from '../../../test/support/dtmf/tone-bench.js';
import { hearTone } from '../../../test/support/tone.js';
import { DIGITS } from './digit-event.js';
import { ToneGenerator } from './tone-generator.js';
import { amplitudeOf, frequenciesOf } from './tone-plan.js';

function render(digit: string, ms: number, generator = new ToneGenerator()): Int16Array {
  const pcm = new Int16Array(ms * 8 + 24);
  generator.start(digit);
  generator.fill(pcm, ms * 8);
  generator.stop();
  generator.fill(pcm.subarray(ms * 8), 24);
  return pcm;
}

describe('made tones', () => {
  it.each(Array.from(DIGITS))(
    'of %s have the two frequencies of ITU-T Q.23, at their levels',
    (digit) => {
      const { low, high } = frequenciesOf(digit)!;
      const steady = render(digit, 1000).subarray(100, 7900);
      expect(hearTone(steady, low, 8000).amplitude / amplitudeOf(-10)).toBeCloseTo(1, 2);
      expect(hearTone(steady, high, 8000).amplitude / amplitudeOf(-8)).toBeCloseTo(1, 2);
      const rest = steady.map(
        (sample, at) =>
          sample -
          amplitudeOf(-10) * Math.sin((2 * Math.PI * low * (at + 100)) / 8000) -
          amplitudeOf(-8) * Math.sin((2 * Math.PI * high * (at + 100)) / 8000),
      );
      expect(Math.max(...rest.map(Math.abs)), 'nothing else').toBeLessThanOrEqual(2);
    },
  );

  it('are the keys of a telephone', () => {
    expect(frequenciesOf('1')).toEqual({ low: 697, high: 1209 });
    expect(frequenciesOf('0')).toEqual({ low: 941, high: 1336 });
    expect(frequenciesOf('#')).toEqual({ low: 941, high: 1477 });
    expect(frequenciesOf('d')).toEqual({ low: 941, high: 1633 });
    for (const none of ['R', '', '12', 'x']) expect(frequenciesOf(none)).toBeUndefined();
  });

  it('begin and end without a click', () => {
    const pcm = joined(silence(5), render('D', 40), silence(5));
    const jumps = pcm.map((sample, at) => (at === 0 ? 0 : Math.abs(sample - pcm[at - 1]!)));
    const steady = Math.max(...jumps.subarray(100, 300));
    expect(Math.max(...jumps)).toBeLessThanOrEqual(steady);
    const edges = [...jumps.subarray(38, 48), ...jumps.subarray(376, 386)];
    expect(Math.max(...edges)).toBeLessThan(steady / 3);
  });

  it('are heard by the detector, one after the other from one generator', () => {
    const generator = new ToneGenerator();
    const tones = Array.from(DIGITS, (digit) => joined(render(digit, 45, generator), silence(45)));
    expect(heard(joined(...tones))).toBe(DIGITS);
    expect(generator.active).toBe(false);
  });

  it('do not wrap around when they are too loud', () => {
    const generator = new ToneGenerator({ lowDbm0: 3, highDbm0: 3 });
    const pcm = render('5', 20, generator);
    expect([Math.max(...pcm), Math.min(...pcm)]).toEqual([32_767, -32_768]);
    const jumps = pcm.map((sample, at) => (at === 0 ? 0 : Math.abs(sample - pcm[at - 1]!) / 2));
    expect(Math.max(...jumps)).toBeLessThan(32_767);
  });

  it('are none for flash', () => {
    const generator = new ToneGenerator();
    expect(generator.start('R')).toBe(false);
    const pcm = new Int16Array(160).fill(7);
    generator.fill(pcm, 160);
    expect([generator.active, pcm.every((sample) => sample === 0)]).toEqual([false, true]);
  });
});
