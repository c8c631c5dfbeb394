import { expect, it } from 'vitest';
import { heard, mixed, pair, silence, joined } from '../../../test/support/dtmf/tone-bench.js';
import { speech } from '../../../test/support/dtmf/speech.js';

/** Eight voices; about five minutes where speech can be rendered, else the demo's prompts. */
const VOICES = 8;

it('hears no digit in speech, and still those that are in it', { timeout: 60_000 }, () => {
  let seconds = 0;
  for (const { name, pcm } of speech(VOICES)) {
    const power = pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
    expect(power, `${name} is loud`).toBeGreaterThan(500 ** 2);
    expect(heard(pcm), name).toBe('');
    const keys = joined(...Array.from('159D', (digit) => joined(pair({ digit }), silence(80))));
    const quiet = joined(
      pcm,
      keys.map(() => 0),
    ).map((sample) => sample / 16);
    expect(heard(mixed(keys, quiet)), `digits over ${name}`).toBe('159D');
    seconds += pcm.length / 8000;
  }
  // The prompts alone are shorter than the voices, but they are speech.
  expect(seconds).toBeGreaterThan(10);
});
