import { readFile } from 'node:fs/promises';
import { CopperlineError } from '../kernel/errors.js';

/** Beside this file, in the sources as in dist/. */
const FOLDER = 'prompts/';
const KEY_FILES: Readonly<Record<string, string>> = { '*': 'star', '#': 'pound' };
const SENTENCES = ['greeting', 'again', 'you-pressed', 'goodbye', 'not-in-service'] as const;
const KEYS = Array.from('0123456789*#ABCD');

type Sentence = (typeof SENTENCES)[number];

/** Spoken audio as raw mu-law, 8 kHz. See prompts/README.md. */
export interface Prompts {
  sentence(name: Sentence): Buffer;
  /** Undefined for what is no key. */
  key(digit: string): Buffer | undefined;
}

/** @throws CopperlineError CL_DEMO_PROMPT_MISSING */
export async function loadPrompts(
  folder: URL = new URL(FOLDER, import.meta.url),
): Promise<Prompts> {
  const sentences = new Map<Sentence, Buffer>();
  const keys = new Map<string, Buffer>();
  for (const name of SENTENCES) sentences.set(name, await load(folder, name));
  for (const key of KEYS) {
    keys.set(key, await load(folder, KEY_FILES[key] ?? key.toLowerCase()));
  }
  return {
    sentence: (name) => sentences.get(name) ?? Buffer.alloc(0),
    key: (digit) => keys.get(digit),
  };
}

async function load(folder: URL, name: string): Promise<Buffer> {
  try {
    return await readFile(new URL(`${name}.ul`, folder));
  } catch (error) {
    throw new CopperlineError('CL_DEMO_PROMPT_MISSING', {
      sentence: `The demo carrier's prompt ${name}.ul cannot be read: run npm run build again.`,
      cause: error,
    });
  }
}
