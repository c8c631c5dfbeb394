import type { SoundSource } from '../sounds/sound-source.js';

/** Of a piece as A-law: it has to fit into one datagram, beside the request's other fields. */
const MOST_SAMPLES = 60_000;
/** What the daemon is to read at a time: longer stretches leave it in bursts. */
const PACKET_MS = 20;
/** The daemon sends whole packets only: a sound that ends within one is filled up, for every packet time. */
const END_MS = 60;

/** A sound in pieces, each cut where the last third of it is quietest: between two bursts of a tone, in a pause of speech. */
export class SoundPieces {
  readonly sampleRate: number;
  readonly packetSamples: number;
  readonly #source: SoundSource;
  readonly #samples = new Int16Array(MOST_SAMPLES);
  #kept = 0;

  constructor(source: SoundSource) {
    this.#source = source;
    this.sampleRate = source.sampleRate;
    this.packetSamples = (source.sampleRate * PACKET_MS) / 1000;
  }

  /** Undefined when the sound is over. */
  next(): Int16Array | undefined {
    const filled = this.#kept + this.#source.fill(this.#samples.subarray(this.#kept));
    if (filled === 0) return undefined;
    const isLast = filled < MOST_SAMPLES;
    const end = isLast ? filled : this.#quietest();
    const unit = (this.sampleRate * END_MS) / 1000;
    const piece = new Int16Array(isLast ? Math.ceil(end / unit) * unit : end);
    piece.set(this.#samples.subarray(0, end));
    this.#samples.copyWithin(0, end, filled);
    this.#kept = filled - end;
    return piece;
  }

  /** Where a packet ends than which no later one is quieter. */
  #quietest(): number {
    const frame = this.packetSamples;
    let best = { end: MOST_SAMPLES, level: Infinity };
    const whole = Math.floor(MOST_SAMPLES / frame) * frame;
    for (let end = whole; end > (MOST_SAMPLES * 2) / 3; end -= frame) {
      const level = loudness(this.#samples.subarray(end - frame, end));
      if (level < best.level) best = { end, level };
    }
    return best.end;
  }
}

function loudness(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += Math.abs(sample);
  return sum;
}
