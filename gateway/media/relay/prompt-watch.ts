import { MAX_PACKET_MS, samplesIn } from '../codecs/audio-codec.js';
import { createDecoder } from '../codecs/create-codec.js';
import type { CodecName, LegName } from '../media-engine.js';
import { PromptTone } from '../sounds/prompt-tone.js';
import type { MediaLeg } from './media-leg.js';

/** What a prompt is looked for in. */
const RATE = 8000;

/** Listens for prompts in the audio of the legs of one call, on request and for a while: the audio has to be decoded for it. */
export class PromptWatch {
  readonly #onPrompt: (from: LegName) => void;
  readonly #legs: Partial<Record<LegName, MediaLeg>> = {};

  /** @param onPrompt MUST NOT throw */
  constructor(onPrompt: (from: LegName) => void) {
    this.#onPrompt = onPrompt;
  }

  /** A leg came into the call. */
  adopt(leg: MediaLeg): void {
    this.#legs[leg.name] = leg;
  }

  /** Until a prompt was heard, or `limitMs` have passed by the packets of the leg. Once more: anew. */
  listen(from: LegName, limitMs: number): void {
    const leg = this.#legs[from];
    if (leg === undefined) return;
    const ear = new Ear();
    let since: number | undefined;
    leg.listener = (payload, now) => {
      since ??= now;
      const codec = leg.agreement?.codec;
      const heard = codec !== undefined && ear.hears(payload, codec);
      if (heard || now - since > limitMs) leg.listener = undefined;
      if (heard) this.#onPrompt(from);
    };
  }
}

/** Turns payloads into samples of 8000 Hz. */
class Ear {
  readonly #prompt = new PromptTone();
  #codec: CodecName | undefined;
  #decoder = createDecoder('pcmu', 'pcmu');
  #pcm = new Int16Array();

  hears(payload: Uint8Array, codec: CodecName): boolean {
    if (codec !== this.#codec) {
      this.#codec = codec;
      this.#decoder = createDecoder(codec, 'pcmu');
      this.#pcm = new Int16Array(samplesIn(MAX_PACKET_MS, this.#decoder.sampleRate));
    }
    const samples = this.#decoder.decode(payload, this.#pcm);
    return this.#prompt.push(this.#pcm, this.#thinned(samples));
  }

  /** The mean of two for one: what that leaves above 4 kHz is no tone to dial into. */
  #thinned(samples: number): number {
    const step = this.#decoder.sampleRate / RATE;
    if (step === 1) return samples;
    const pcm = this.#pcm;
    const left = Math.floor(samples / step);
    for (let index = 0; index < left; index += 1) {
      const at = index * step;
      pcm[index] = ((pcm[at] ?? 0) + (pcm[at + 1] ?? 0)) / 2;
    }
    return left;
  }
}
