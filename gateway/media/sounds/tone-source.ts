import { amplitudeOf } from '../dtmf/tone-plan.js';
import type { TonePlan } from './country-tones.js';
import type { SoundSource } from './sound-source.js';

/** ITU-T E.180 section 4: nominally -10 dBm0, all frequencies together. */
const LEVEL_DBM0 = -10;
/** From nothing to full level and back, ms: shorter clicks. */
const RAMP_MS = 5;
/** Of the level, in tones that are modulated (E.180 leaves it open). */
const MODULATION_DEPTH = 0.9;
const SAMPLE_RATE = 8000;

interface Stretch {
  /** Within the period, in samples. */
  start: number;
  end: number;
}

/** A progress tone, without end. */
export class ToneSource implements SoundSource {
  readonly sampleRate = SAMPLE_RATE;
  readonly #steps: readonly number[];
  readonly #amplitude: number;
  readonly #modulation: number;
  readonly #stretches: readonly Stretch[];
  readonly #period: number;
  /** In samples: since the beginning, and within the period. */
  #at = 0;
  #position = 0;

  constructor(plan: TonePlan) {
    const turn = (2 * Math.PI) / SAMPLE_RATE;
    this.#steps = plan.hz.map((hz) => hz * turn);
    this.#amplitude = amplitudeOf(LEVEL_DBM0) / Math.sqrt(plan.hz.length);
    this.#modulation = (plan.modulatedBy ?? 0) * turn;
    const perMs = SAMPLE_RATE / 1000;
    let end = 0;
    this.#stretches = plan.bursts.map(({ onMs, offMs }) => {
      const start = end;
      end += (onMs + offMs) * perMs;
      return { start, end: start + onMs * perMs };
    });
    this.#period = end;
  }

  fill(pcm: Int16Array): number {
    for (let index = 0; index < pcm.length; index += 1) pcm[index] = this.#next();
    return pcm.length;
  }

  #next(): number {
    const gain = this.#gain();
    const at = this.#at;
    this.#at += 1;
    this.#position = (this.#position + 1) % this.#period;
    if (gain === 0) return 0;
    let sum = 0;
    for (const step of this.#steps) sum += Math.sin(step * at);
    const level =
      this.#modulation === 0
        ? 1
        : (1 + MODULATION_DEPTH * Math.sin(this.#modulation * at)) / (1 + MODULATION_DEPTH);
    return Math.round(sum * level * gain * this.#amplitude);
  }

  /** 0 between the bursts, 1 in them, and the way between the two at their edges. */
  #gain(): number {
    const position = this.#position;
    for (const { start, end } of this.#stretches) {
      if (position < start || position >= end) continue;
      const fromEdge = Math.min(position - start, end - 1 - position);
      const way = Math.min(1, fromEdge / ((RAMP_MS * SAMPLE_RATE) / 1000));
      return (1 - Math.cos(Math.PI * way)) / 2;
    }
    return 0;
  }
}
