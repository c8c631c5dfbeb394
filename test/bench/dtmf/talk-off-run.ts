import { music } from '../../support/dtmf/music.js';
import { canRenderSpeech, speech } from '../../support/dtmf/speech.js';
import { heard, joined, pair, silence } from '../../support/dtmf/tone-bench.js';
import { DIGITS } from '../../../gateway/media/dtmf/digit-event.js';

/** One kind of sound, as the in-band detector heard it. */
export interface TalkOffRow {
  sound: string;
  seconds: number;
  falseDigits: number;
}

const MUSIC_KINDS = 5;
const SEED = 20_260_101;
const RATE = 8000;

/**
 * Lets the detector of in-band tones hear `minutes` of speech and as much of music, and counts what it takes for digits.
 * @throws Error when it does not even hear the sixteen keys, so that deafness is no success
 */
export function talkOffRun(minutes: number, say: (text: string) => void): TalkOffRow[] {
  const keys = Array.from(DIGITS, (digit) => joined(pair({ digit, ms: 40 }), silence(40)));
  if (heard(joined(...keys)) !== DIGITS) throw new Error('the detector does not hear the keys');
  if (!canRenderSpeech()) say('espeak-ng and sox are not installed: speech is the demo prompts');
  const rows = new Map<string, TalkOffRow>();
  const hear = (sound: string, pcm: Int16Array): void => {
    const row = rows.get(sound) ?? { sound, seconds: 0, falseDigits: 0 };
    row.seconds += pcm.length / RATE;
    row.falseDigits += heard(pcm).length;
    rows.set(sound, row);
  };
  const seconds = minutes * 60;
  for (const { pcm } of speech(seconds, SEED)) hear('speech', pcm);
  for (const { name, pcm } of music(seconds / MUSIC_KINDS, SEED)) hear(`music: ${name}`, pcm);
  return [...rows.values()];
}

/** A line for each kind of sound, and what the target says of all of them. */
export function talkOffReport(rows: readonly TalkOffRow[]): string {
  const lines = rows.map(({ sound, seconds, falseDigits }) => {
    const rate = ((falseDigits * 600) / seconds).toFixed(2);
    return `${sound.padEnd(42)} ${(seconds / 60).toFixed(1).padStart(6)} min  ${falseDigits} false digits, ${rate} in ten minutes`;
  });
  const met = rows.every(({ falseDigits }) => falseDigits === 0);
  return [...lines, `${met ? 'met   ' : 'MISSED'} no false digit`].join('\n');
}
