/**
 * What a codec is to the gateway: 16-bit linear samples, mono, at the codec's own rate. Codecs have a memory: one
 * decoder per received stream, one encoder per sent stream. Nothing here throws on what a peer sends.
 */

/** No packet of ours or anybody's is longer (RFC 6716 section 3.2.5 has the same limit for Opus). */
export const MAX_PACKET_MS = 120;

export interface AudioDecoder {
  /** Of the samples, Hz; the RTP clock is another matter. */
  readonly sampleRate: number;
  /**
   * Decodes one payload to the start of `pcm`, which holds MAX_PACKET_MS.
   * @returns how many samples were written; 0 for a payload that cannot be read
   */
  decode(payload: Uint8Array, pcm: Int16Array): number;
  /** Makes up about `samples` samples of lost audio, at most what `pcm` holds; returns how many. */
  conceal(samples: number, pcm: Int16Array): number;
}

export interface AudioEncoder {
  readonly sampleRate: number;
  /** Encodes one packet's samples; the result is valid until the next call. */
  encode(pcm: Int16Array): Uint8Array;
}

/** Samples in `ms` at a rate. */
export function samplesIn(ms: number, sampleRate: number): number {
  return (ms * sampleRate) / 1000;
}
