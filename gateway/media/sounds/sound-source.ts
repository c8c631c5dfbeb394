/** Where the samples of a sound come from: 16 bits, linear, mono. */
export interface SoundSource {
  /** Hz. */
  readonly sampleRate: number;
  /** Writes the next samples to the start of `pcm`; returns how many: fewer than it holds only at the end of the sound. */
  fill(pcm: Int16Array): number;
}
