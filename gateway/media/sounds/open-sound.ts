import type { Sound } from '../media-engine.js';
import { tonePlan } from './country-tones.js';
import { FileSource } from './file-source.js';
import { NoiseSource } from './noise-source.js';
import type { SoundFiles } from './sound-files.js';
import type { SoundSource } from './sound-source.js';
import { ToneSource } from './tone-source.js';

/** As quiet as a room in which nobody speaks, and above what G.711 rounds to nothing: dB below overload. */
const NOISE_LEVEL_DB = 60;

/** @throws CopperlineError CL_MEDIA_SOUND_FILE */
export async function openSound(sound: Sound, files: SoundFiles): Promise<SoundSource> {
  if (sound.kind === 'noise') return new NoiseSource(NOISE_LEVEL_DB);
  if (sound.kind === 'tone') return new ToneSource(tonePlan(sound.tone, sound.country));
  return new FileSource(await files.read(sound.path), sound.repeat);
}
