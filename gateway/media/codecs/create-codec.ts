import type { CodecName } from '../media-engine.js';
import type { AudioDecoder, AudioEncoder } from './audio-codec.js';
import { G711Decoder, G711Encoder } from './g711-codec.js';
import { G722Decoder, G722Encoder } from './g722-codec.js';
import { L16Decoder, L16Encoder } from './l16-codec.js';
import { OpusDecoder, OpusEncoder, type OpusRate } from './opus-codec.js';

/** The rate at which a codec works beside another one: Opus takes that of its partner, which spares a resampler. */
function opusRateBeside(partner: CodecName): OpusRate {
  if (partner === 'opus') return 48_000;
  return partner === 'g722' || partner === 'l16-16000' ? 16_000 : 8000;
}

/** @param partner the codec that the samples are for */
export function createDecoder(codec: CodecName, partner: CodecName): AudioDecoder {
  switch (codec) {
    case 'opus':
      return new OpusDecoder(opusRateBeside(partner));
    case 'g722':
      return new G722Decoder();
    case 'pcmu':
    case 'pcma':
      return new G711Decoder(codec);
    case 'l16-8000':
      return new L16Decoder(8000);
    case 'l16-16000':
      return new L16Decoder(16_000);
  }
}

/** @param partner the codec that the samples come from */
export function createEncoder(codec: CodecName, partner: CodecName): AudioEncoder {
  switch (codec) {
    case 'opus':
      return new OpusEncoder(opusRateBeside(partner));
    case 'g722':
      return new G722Encoder();
    case 'pcmu':
    case 'pcma':
      return new G711Encoder(codec);
    case 'l16-8000':
      return new L16Encoder(8000);
    case 'l16-16000':
      return new L16Encoder(16_000);
  }
}
