import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMuLaw } from '../../../gateway/media/codecs/g711.js';
import { SeededRandom } from '../sip/seeded-random.js';

const PROMPTS = new URL('../../../gateway/demo/prompts/', import.meta.url);

/** Vowels, nasals and numbers, long ones among them: what comes nearest to two steady tones. */
const TEXTS = {
  'en-us':
    'You have reached the office of Miller and Young, please hold the line. One two three four five six seven eight nine zero. ' +
    'Many men among many mountains mourn the moon, and no one knows when morning comes. Roaring lions are really yearning ' +
    'for warm, yellow, early evenings in our own arena. Aaaaaaaaaah, oooooooooh, eeeeeeeeeh, mmmmmm, uuuuuuuuh, well, now.',
  'en-gb':
    'The rain in Spain stays mainly in the plain; we were away a year ago, weren’t we? Would you rather leave a message, call ' +
    'again on Monday, or be called back this afternoon? Aaaaaaaaaaaaaaaaaa. Eeeeeeeeeeeeeeee. Iiiiiiiiiii. Ooooooooooo. Uuuuuuu.',
  de:
    'Bitte bleiben Sie am Apparat, wir verbinden Sie sofort. Eins zwei drei vier fünf sechs sieben acht neun null. Jaaaaa, ' +
    'neeeein, ooooooh, üüüüüüh, mmmmh. Unsere Mitarbeiter sind im Augenblick alle im Gespräch.',
  fr:
    'Nous allons donner suite à votre appel dans un instant. Un deux trois quatre cinq six sept huit neuf zéro. Ouiiii, ' +
    'nooon, euuuuh, mmmmh. Le vieux monsieur regardait la lune bleue au milieu des nuages.',
  es:
    'Buenos días, ha llamado usted a la oficina de Molina y hermanos, no cuelgue. Uno dos tres cuatro cinco seis siete ocho ' +
    'nueve cero. Sííííí, nooooo, eeeeh, mmmmh, aaaaah.',
  it:
    'Buongiorno, risponde lo studio Milano e figli. Uno due tre quattro cinque sei sette otto nove zero. Sììììì, nooooo, eeeeh. ' +
    'Ma la volpe col suo balzo ha raggiunto il quieto Fido nel giardino.',
  pl: 'Dzień dobry, proszę czekać na połączenie. Jeden dwa trzy cztery pięć sześć siedem osiem dziewięć zero. Aaaa, ooooo, eeee.',
  tr: 'Günaydın, lütfen hatta kalın. Bir iki üç dört beş altı yedi sekiz dokuz sıfır. Aaaaa, öööööö, üüüüüü, ııııı, mmmm.',
  ru: 'Здравствуйте, оставайтесь на линии. Один два три четыре пять шесть семь восемь девять ноль. Аааа, оооо, уууу, ммм.',
  cmn: '您好，请稍等。一二三四五六七八九零。妈麻马骂，啊，哦，衣，乌，鱼。',
} as const;

type Language = keyof typeof TEXTS;

const LANGUAGES = Object.keys(TEXTS) as Language[];
/** Men and women of espeak-ng, and its other ways to make a voice. */
const VOICES = ['', '+m1', '+m3', '+m7', '+f1', '+f2', '+f3', '+f5', '+klatt2', '+croak'];

/** Speech of a telephone, 8000 Hz. */
export interface Speech {
  /** Language and voice, pitch (0 to 99) and words per minute, as espeak-ng has them. */
  name: string;
  pcm: Int16Array;
}

/** At least so many seconds of speech, by voices that come again for the same seed; the demo's prompts where nothing can render it. */
export function* speech(seconds: number, seed: number): Generator<Speech> {
  if (!canRenderSpeech()) {
    for (const name of readdirSync(PROMPTS).filter((file) => file.endsWith('.ul')))
      yield { name, pcm: Int16Array.from(readFileSync(new URL(name, PROMPTS)), decodeMuLaw) };
    return;
  }
  const random = new SeededRandom(seed);
  for (let rendered = 0; rendered < seconds;) {
    const [language, voice] = [random.pick(LANGUAGES), random.pick(VOICES)];
    const piece = spoken(language, voice, {
      pitch: random.below(100),
      speed: 80 + random.below(200),
    });
    rendered += piece.pcm.length / 8000;
    yield piece;
  }
}

/** One voice of espeak-ng, at the level of a telephone. */
export function spoken(
  language: Language,
  voice: string,
  { pitch, speed }: { pitch: number; speed: number },
): Speech {
  const how = ['-v', language + voice, '-p', String(pitch), '-s', String(speed)];
  const wav = execFileSync('espeak-ng', [...how, '--stdout', TEXTS[language]], {
    maxBuffer: 1 << 26,
  });
  const format = ['-t', 'raw', '-r', '8000', '-c', '1', '-e', 'signed-integer', '-b', '16'];
  const raw = execFileSync('sox', ['-R', '-t', 'wav', '-', ...format, '-', 'norm', '-6'], {
    ...{ input: wav, maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'ignore'] },
  });
  const pcm = new Int16Array(raw.length >> 1).map((_, at) => raw.readInt16LE(at * 2));
  return { name: `${language}${voice} ${pitch} ${speed}`, pcm };
}

/** Whether espeak-ng and sox are installed. */
export function canRenderSpeech(): boolean {
  try {
    execFileSync('espeak-ng', ['--version'], { stdio: 'ignore' });
    execFileSync('sox', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
