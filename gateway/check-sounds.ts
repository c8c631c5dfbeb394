import type { CopperlineConfig } from './config/schema.js';
import { SoundFiles } from './media/sounds/sound-files.js';

/**
 * Opens the sound files of the settings: better refused now than when the first caller is held.
 * @throws CopperlineError CL_MEDIA_SOUND_FILE
 */
export async function checkSounds({ media }: Pick<CopperlineConfig, 'media'>): Promise<void> {
  if (media.holdMusic !== undefined) await new SoundFiles().read(media.holdMusic);
}
