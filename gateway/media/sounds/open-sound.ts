import type { Sound } from '../media-engine.js';
import { tonePlan } from './country-tones.js';
import { FileSource } from './file-source.js';
import type { SoundFiles } from './sound-files.js';
import type { SoundSource } from './sound-source.js';
import { ToneSource } from './tone-source.js';

/** @throws CopperlineError CL_MEDIA_SOUND_FILE */
export async function openSound(sound: Sound, files: SoundFiles): Promise<SoundSource> {
  if (sound.kind === 'tone') return new ToneSource(tonePlan(sound.tone, sound.country));
  return new FileSource(await files.read(sound.path), sound.repeat);
}
