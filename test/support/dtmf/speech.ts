import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMuLaw } from '../../../gateway/media/codecs/g711.js';

const PROMPTS = new URL('../../../gateway/demo/prompts/', import.meta.url);

/** Vowels, nasals and numbers: what comes nearest to two steady tones. */
const TEXT = [
  'The quick brown fox jumps over the lazy dog, and nobody knows who let it out.',
  'You have reached the office of Miller and Young. Please hold the line while we connect you.',
  'One two three four five six seven eight nine zero, eleven hundred and seventy seven.',
  'Aaaah, oooooh, eeeeeh, mmmmmm, uuuuuh, well, now, how are you doing, my old friend?',
  'Many men among many mountains mourn the moon, and no one knows when morning comes.',
  'Would you rather leave a message, call again on Monday, or be called back this afternoon?',
  'The rain in Spain stays mainly in the plain; we were away a year ago, weren’t we?',
  'Roaring lions are really yearning for warm, yellow, early evenings in our own arena.',
].join(' ');

const VOICES = ['en-us', 'en-gb+f2', 'en-us+m3', 'en-gb+f4', 'de+f3', 'fr', 'es+m7', 'it+f5'];
const PITCHES = [30, 50, 80];

/** Speech of a telephone, 8000 Hz. */
export interface Speech {
  name: string;
  pcm: Int16Array;
}

/** Rendered speech, `count` voices of about 40 s each; the prompts of the demo where nothing can render it. */
export function* speech(count: number): Generator<Speech> {
  if (!canRender()) {
    for (const name of readdirSync(PROMPTS).filter((file) => file.endsWith('.ul')))
      yield { name, pcm: Int16Array.from(readFileSync(new URL(name, PROMPTS)), decodeMuLaw) };
    return;
  }
  for (let index = 0; index < count; index += 1) {
    const voice = VOICES[index % VOICES.length]!;
    const pitch = String(PITCHES[Math.floor(index / VOICES.length) % PITCHES.length]);
    const speed = String(150 + 20 * (index % 4));
    const wav = execFileSync(
      'espeak-ng',
      ['-v', voice, '-p', pitch, '-s', speed, '--stdout', TEXT],
      { maxBuffer: 1 << 26 },
    );
    const format = ['-t', 'raw', '-r', '8000', '-c', '1', '-e', 'signed-integer', '-b', '16'];
    const raw = execFileSync('sox', ['-t', 'wav', '-', ...format, '-', 'norm', '-6'], {
      ...{ input: wav, maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'ignore'] },
    });
    const pcm = new Int16Array(raw.length >> 1).map((_, at) => raw.readInt16LE(at * 2));
    yield { name: `${voice} ${pitch} ${speed}`, pcm };
  }
}

function canRender(): boolean {
  try {
    execFileSync('espeak-ng', ['--version'], { stdio: 'ignore' });
    execFileSync('sox', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
