import { Decoder, Encoder } from '@evan/opus';
import type { AudioDecoder, AudioEncoder } from './audio-codec.js';

/** The rates that libopus resamples from and to by itself, of those that the other codecs have. */
export type OpusRate = 8000 | 16_000 | 48_000;

/**
 * RFC 7587 section 3.1.1 has 8 to 12 kbit/s for narrowband and 16 to 20 for wideband, without FEC. At complexity 1 libopus puts
 * FEC into narrowband only above 20.
 */
const BITRATES: Record<OpusRate, number> = { 8000: 24_000, 16_000: 28_000, 48_000: 32_000 };
/**
 * Of 0 to 10; each step of the search costs. 2 takes a third of the time of 5, 1 half the time of 2. For what comes from G.711, 1
 * with 24 kbit/s is nearer to the source than 2 with 20.
 */
const COMPLEXITIES: Record<OpusRate, 1 | 2> = { 8000: 1, 16_000: 2, 48_000: 2 };
/** What the in-band FEC is made for, percent. */
const EXPECTED_LOSS = 10;
/** RFC 6716 section 3.1: the low bits of the TOC byte say how many frames follow; 0 is one. */
const CONFIGURATION_BITS = 0xfc;
const MAX_CONCEALED_FRAMES = 6;

export class OpusDecoder implements AudioDecoder {
  readonly sampleRate: OpusRate;
  readonly #decoder: Decoder;
  /**
   * A packet without frames: libopus takes it as a lost one of this configuration and extrapolates. The FEC in the packet behind it is
   * not used: @evan/opus decodes without `decode_fec`, and the redundant frame cannot be cut out of a range-coded one.
   */
  readonly #lost = new Uint8Array(1);
  #heard = false;

  constructor(sampleRate: OpusRate) {
    this.sampleRate = sampleRate;
    this.#decoder = new Decoder({ channels: 1, sample_rate: sampleRate });
  }

  /** A payload of one byte is a sender's DTX (RFC 7587 section 3.1.3): decoded as its background noise. */
  decode(payload: Uint8Array, pcm: Int16Array): number {
    if (payload.length === 0) return 0;
    const samples = this.#decode(payload, pcm, 0);
    if (samples > 0) {
      this.#heard = true;
      this.#lost[0] = (payload[0] ?? 0) & CONFIGURATION_BITS;
    }
    return samples;
  }

  conceal(samples: number, pcm: Int16Array): number {
    if (!this.#heard) return 0;
    let made = 0;
    for (let frame = 0; made < samples && frame < MAX_CONCEALED_FRAMES; frame += 1) {
      const more = this.#decode(this.#lost, pcm, made);
      if (more === 0) break;
      made += more;
    }
    return Math.min(made, samples);
  }

  #decode(payload: Uint8Array, pcm: Int16Array, at: number): number {
    try {
      const bytes = this.#decoder.decode(payload);
      const decoded = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
      if (at + decoded.length > pcm.length) return 0;
      pcm.set(decoded, at);
      return decoded.length;
    } catch {
      // Not Opus: the peer's mistake, told by the count of samples.
      return 0;
    }
  }
}

export class OpusEncoder implements AudioEncoder {
  readonly sampleRate: OpusRate;
  readonly #encoder: Encoder;

  constructor(sampleRate: OpusRate) {
    this.sampleRate = sampleRate;
    this.#encoder = new Encoder({ channels: 1, sample_rate: sampleRate, application: 'voip' });
    this.#encoder.bitrate = BITRATES[sampleRate];
    this.#encoder.complexity = COMPLEXITIES[sampleRate];
    this.#encoder.inband_fec = true;
    this.#encoder.packet_loss = EXPECTED_LOSS;
  }

  /** @param pcm 10, 20, 40 or 60 ms */
  encode(pcm: Int16Array): Uint8Array {
    return this.#encoder.encode(pcm);
  }
}
