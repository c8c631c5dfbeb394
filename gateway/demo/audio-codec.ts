import { Decoder, Encoder } from '@evan/opus';
import { decodeG711, muLawToALaw, muLawToLinear, type Law } from './g711.js';
import { FRAME_BYTES } from './playback.js';
import type { DemoCodec } from './sdp-answer.js';

/** Turns the carrier's 8 kHz audio into a codec's packets of 20 ms, and back. One per call: codecs have a memory. */
export interface AudioCodec {
  /** RTP timestamp units of 20 ms. */
  readonly unitsPerFrame: number;
  /** `frame` is 160 bytes of mu-law; the result is valid until the next call. */
  encode(frame: Buffer): Buffer;
  /** Writes 16-bit samples at 8 kHz; returns how many, 0 for a payload that cannot be read. */
  decode(payload: Buffer, into: Int16Array): number;
}

/** Undefined for G.722, which the carrier can only echo. */
export function createAudioCodec(codec: DemoCodec): AudioCodec | undefined {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return g711(codec);
    case 'OPUS':
      return opus();
    case 'G722':
      return undefined;
  }
}

function g711(law: Law): AudioCodec {
  return {
    unitsPerFrame: FRAME_BYTES,
    encode: (frame) => (law === 'PCMA' ? muLawToALaw(frame) : frame),
    decode: (payload, into) => {
      if (payload.length > into.length) return 0;
      decodeG711(law, payload, into);
      return payload.length;
    },
  };
}

/** RFC 7587 section 4.1: the RTP clock is 48 kHz whatever the codec's own sampling rate. */
const OPUS_UNITS_PER_FRAME = 960;

function opus(): AudioCodec {
  const encoder = new Encoder({ channels: 1, sample_rate: 8000, application: 'voip' });
  const decoder = new Decoder({ channels: 1, sample_rate: 8000 });
  const linear = new Int16Array(FRAME_BYTES);
  return {
    unitsPerFrame: OPUS_UNITS_PER_FRAME,
    encode: (frame) => {
      for (let i = 0; i < FRAME_BYTES; i += 1) linear[i] = muLawToLinear(frame[i] ?? 0);
      return Buffer.from(encoder.encode(linear));
    },
    decode: (payload, into) => {
      try {
        const bytes = decoder.decode(payload);
        const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
        if (samples.length > into.length) return 0;
        into.set(samples);
        return samples.length;
      } catch {
        // Not Opus; the peer's mistake is heard as a gap.
        return 0;
      }
    },
  };
}
