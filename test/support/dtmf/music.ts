import { SeededRandom } from '../sip/seeded-random.js';

/** Music of a telephone, 8000 Hz. */
export interface Music {
  name: string;
  pcm: Int16Array;
}

const RATE = 8000;
const PEAK = 16_000;

/** How loud each harmonic of an instrument is, from the fundamental on. */
const TIMBRES: Readonly<Record<string, readonly number[]>> = {
  sine: [1],
  flute: [1, 0.35, 0.1, 0.04],
  organ: [1, 0.8, 0.5, 0.4, 0.2, 0.2, 0.1, 0.1],
  strings: [1, 0.6, 0.45, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1],
  piano: [1, 0.5, 0.25, 0.15, 0.08, 0.05],
  brass: [0.7, 1, 0.9, 0.6, 0.5, 0.35, 0.2],
};

interface Note {
  /** Samples. */
  from: number;
  length: number;
  hz: number;
  timbre: readonly number[];
  /** Decays as a string that was plucked; else it is held. */
  plucked?: boolean;
  /** Of the frequency, both ways. */
  vibrato?: number;
  /** The frequency at its end, Hz. */
  glideTo?: number;
}

interface Steps {
  random: SeededRandom;
  samples: number;
  /** Shortest and longest of them, in samples. */
  least: number;
  most: number;
}

type Play = (from: number, length: number) => Note[];
type Composer = (random: SeededRandom, samples: number) => Note[];

/** Equal temperament; 69 is A4, 440 Hz. */
const hzOf = (midi: number): number => 440 * 2 ** ((midi - 69) / 12);
const MAJOR = [0, 4, 7, 12];
const MINOR = [0, 3, 7, 12];
const SEVENTH = [0, 4, 7, 10, 14];

const COMPOSERS: Readonly<Record<string, Composer>> = {
  chords: (random, samples) =>
    inSteps({ samples, random, least: 2000, most: 8000 }, (from, length) => {
      const timbre = random.pick(Object.values(TIMBRES).slice(1));
      const root = 48 + random.below(36);
      return random.pick([MAJOR, MINOR, SEVENTH]).map((step) => ({
        ...{ from, length, timbre, hz: hzOf(root + step) },
      }));
    }),
  arpeggios: (random, samples) =>
    inSteps({ samples, random, least: 800, most: 2000 }, (from, length) => {
      const root = 48 + random.below(36);
      const hz = hzOf(root + random.pick(random.pick([MAJOR, MINOR, SEVENTH])));
      return [{ from, length: length * 4, hz, timbre: TIMBRES.piano!, plucked: true }];
    }),
  'a melody with vibrato over a bass': (random, samples) => [
    ...inSteps({ samples, random, least: 2000, most: 6000 }, (from, length) => [
      {
        ...{ from, length, hz: hzOf(64 + random.below(26)) },
        ...{ timbre: random.pick([TIMBRES.flute!, TIMBRES.strings!]), vibrato: 0.01 },
      },
    ]),
    ...inSteps({ samples, random, least: 4000, most: 8000 }, (from, length) => [
      { from, length, hz: hzOf(36 + random.below(18)), timbre: TIMBRES.strings! },
    ]),
  ],
  'two brass voices': (random, samples) =>
    [60, 67].flatMap((lowest) =>
      inSteps({ samples, random, least: 1200, most: 4000 }, (from, length) => [
        { from, length, hz: hzOf(lowest + random.below(14)), timbre: TIMBRES.brass! },
      ]),
    ),
};

/** A piece of every kind, `seconds` of each, the same for the same seed. */
export function* music(seconds: number, seed: number): Generator<Music> {
  for (const [name, compose] of Object.entries(COMPOSERS)) {
    const random = new SeededRandom(seed);
    yield { name, pcm: rendered(compose(random, seconds * RATE), seconds * RATE) };
  }
  yield { name: 'sweeps', pcm: sweeps(seconds * RATE, new SeededRandom(seed)) };
}

function inSteps({ samples, random, least, most }: Steps, play: Play): Note[] {
  const notes: Note[] = [];
  for (let at = 0; at < samples;) {
    const step = least + random.below(most - least);
    notes.push(...play(at, step));
    at += step;
  }
  return notes;
}

function rendered(notes: readonly Note[], samples: number): Int16Array {
  const sum = new Float64Array(samples);
  for (const note of notes) add(note, sum);
  return levelled(sum);
}

function add(note: Note, sum: Float64Array): void {
  const { from, length, hz, timbre, plucked, vibrato = 0, glideTo = hz } = note;
  const until = Math.min(sum.length, from + length);
  const whole = timbre.filter((_, index) => Math.max(hz, glideTo) * (index + 1) < RATE / 2 - 200);
  let phase = 0;
  for (let at = from; at < until; at += 1) {
    const since = at - from;
    const wave = Math.sin((2 * Math.PI * 5.5 * since) / RATE);
    const gliding = hz * (glideTo / hz) ** (since / length);
    phase += (2 * Math.PI * gliding * (1 + vibrato * wave)) / RATE;
    const attack = Math.min(1, since / 80, (until - at) / 80);
    const level = attack * (plucked === true ? Math.exp(-since / 2400) : 1);
    let sample = 0;
    for (let index = 0; index < whole.length; index += 1)
      sample += whole[index]! * Math.sin(phase * (index + 1) + index);
    sum[at]! += level * sample;
  }
}

/**
 * Sounds that glide through all the frequencies of DTMF: a sine alone, and two sirens at once. Two sines at once would be no music
 * but keys, wherever they glide slowly enough.
 */
function sweeps(samples: number, random: SeededRandom): Int16Array {
  const sum = new Float64Array(samples);
  for (let at = 0; at < samples;) {
    const length = Math.min(samples - at, 2000 + random.below(14_000));
    const voices = random.pick([[TIMBRES.sine!], [TIMBRES.brass!, TIMBRES.strings!]]);
    for (const timbre of voices) {
      const [hz, end] = [200 + random.below(1600), 200 + random.below(1600)];
      add({ from: at, length, hz, timbre, glideTo: end }, sum);
    }
    at += length;
  }
  return levelled(sum);
}

function levelled(sum: Float64Array): Int16Array {
  const peak = sum.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  return Int16Array.from(sum, (sample) => Math.round((sample / peak) * PEAK));
}
