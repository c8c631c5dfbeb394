import { CopperlineError } from '../../kernel/errors.js';

/** The audio of a WAV file, as it lies there. */
export interface WavAudio {
  coding: 'linear' | 'pcmu' | 'pcma';
  sampleRate: 8000 | 16_000;
  /** Samples only: little-endian 16 bits, or one byte of G.711 each. */
  data: Buffer;
}

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Format codes of the `fmt ` chunk (RFC 2361): PCM, A-law, mu-law, and the one that says more behind it. */
const CODINGS: Readonly<Record<number, WavAudio['coding']>> = { 1: 'linear', 6: 'pcma', 7: 'pcmu' };
const EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file that a telephone can play.
 * @param name for the sentence: the path
 * @throws CopperlineError CL_MEDIA_SOUND_FILE saying what it is instead
 */
export function parseWav(file: Buffer, name: string): WavAudio {
  if (file.length < RIFF_HEADER_BYTES || text(file, 0) !== 'RIFF' || text(file, 8) !== 'WAVE') {
    throw refused(name, 'is no WAV file: it does not begin with RIFF and WAVE');
  }
  const format = chunk(file, 'fmt ');
  if (format === undefined || format.length < 16) throw refused(name, 'has no whole fmt chunk');
  const data = chunk(file, 'data');
  if (data === undefined) throw refused(name, 'has no data chunk');
  const { coding, sampleRate } = readFormat(format, name);
  const whole = coding === 'linear' ? data.length - (data.length % 2) : data.length;
  if (whole === 0) throw refused(name, 'holds no sample');
  return { coding, sampleRate, data: data.subarray(0, whole) };
}

function readFormat(format: Buffer, name: string): Pick<WavAudio, 'coding' | 'sampleRate'> {
  const first = format.readUInt16LE(0);
  // The code stands at the start of the subformat's GUID then.
  const code = first === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : first;
  const coding = CODINGS[code];
  const [channels, rate, bits] = [
    format.readUInt16LE(2),
    format.readUInt32LE(4),
    format.readUInt16LE(14),
  ];
  if (coding === undefined) {
    throw refused(
      name,
      `has the WAV coding ${code}, which is none of 1 (PCM), 6 (A-law), 7 (mu-law)`,
    );
  }
  if (channels !== 1) throw refused(name, `has ${channels} channels instead of one`);
  if (rate !== 8000 && rate !== 16_000) {
    throw refused(name, `has ${rate} samples per second instead of 8000 or 16000`);
  }
  const wanted = coding === 'linear' ? 16 : 8;
  if (bits !== wanted) throw refused(name, `has ${bits} bits per sample instead of ${wanted}`);
  return { coding, sampleRate: rate };
}

/** The content of the first chunk of that name; one that the file cuts short ends with the file. */
function chunk(file: Buffer, name: string): Buffer | undefined {
  let at = RIFF_HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= file.length) {
    const length = file.readUInt32LE(at + 4);
    const start = at + CHUNK_HEADER_BYTES;
    if (text(file, at) === name) return file.subarray(start, Math.min(file.length, start + length));
    at = start + length + (length % 2);
  }
  return undefined;
}

function text(file: Buffer, at: number): string {
  return file.toString('latin1', at, at + 4);
}

function refused(name: string, what: string): CopperlineError {
  const sentence = `The sound file ${name} ${what}.`;
  return new CopperlineError('CL_MEDIA_SOUND_FILE', { sentence });
}
