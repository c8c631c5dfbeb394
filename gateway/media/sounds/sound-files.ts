import { open } from 'node:fs/promises';
import { CopperlineError } from '../../kernel/errors.js';
import { parseWav, type WavAudio } from './wav-file.js';

/** Half an hour at the highest quality. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_KEPT_FILES = 16;

interface Kept {
  changedMs: number;
  bytes: number;
  audio: WavAudio;
}

/** Reads WAV files, and keeps the last ones that were played until they change on disk. */
export class SoundFiles {
  readonly #kept = new Map<string, Kept>();

  /** @throws CopperlineError CL_MEDIA_SOUND_FILE */
  async read(path: string): Promise<WavAudio> {
    try {
      const file = await open(path);
      try {
        const { mtimeMs, size } = await file.stat();
        const known = this.#kept.get(path);
        if (known?.changedMs === mtimeMs && known.bytes === size) return this.#keep(path, known);
        if (size > MAX_FILE_BYTES) {
          throw refused(path, `is longer than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
        }
        const audio = parseWav(await file.readFile(), path);
        return this.#keep(path, { changedMs: mtimeMs, bytes: size, audio });
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof CopperlineError) throw error;
      throw refused(path, `cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }

  /** The least recently played one makes room. */
  #keep(path: string, kept: Kept): WavAudio {
    this.#kept.delete(path);
    this.#kept.set(path, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT_FILES && oldest !== undefined) this.#kept.delete(oldest);
    return kept.audio;
  }
}

function refused(path: string, what: string): CopperlineError {
  const sentence = `The sound file ${path} ${what}.`;
  return new CopperlineError('CL_MEDIA_SOUND_FILE', { sentence });
}
