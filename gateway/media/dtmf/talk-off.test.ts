import { describe, expect, it } from 'vitest';
import { music } from '../../../test/support/dtmf/music.js';
import { heard, joined, mixed, pair, silence } from '../../../test/support/dtmf/tone-bench.js';
import { canRenderSpeech, speech, spoken } from '../../../test/support/dtmf/speech.js';

const SPEECH_SECONDS = 120;
const MUSIC_SECONDS = 30;

function power(pcm: Int16Array): number {
  return pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;
}

/** `npm run bench -- --only talk-off` has ten minutes and more of each. */
describe('no digit is heard (ITU-T Q.24: digit simulation by speech)', { timeout: 60_000 }, () => {
  it('in speech, and still those that are in it', () => {
    let seconds = 0;
    for (const { name, pcm } of speech(SPEECH_SECONDS, 4)) {
      expect(power(pcm), `${name} is loud`).toBeGreaterThan(300 ** 2);
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

  // Their long vowels are nearest to keys: two harmonics outshine all others, for 40 ms and more.
  it.skipIf(!canRenderSpeech()).each(['', '+f1', '+f3', '+f5'])(
    'in the vowels of the slow high voice en-gb%s',
    (voice) => {
      expect(heard(spoken('en-gb', voice, { pitch: 92, speed: 90 }).pcm)).toBe('');
    },
  );

  it('in music', () => {
    for (const { name, pcm } of music(MUSIC_SECONDS, 1)) {
      expect(power(pcm), `${name} is loud`).toBeGreaterThan(300 ** 2);
      expect(heard(pcm), name).toBe('');
    }
  });
});
