import type { CodecName } from '../media-engine.js';

export interface CodecEntry {
  /** The value of a=rtpmap after the payload type. */
  rtpmap: string;
  /** Static payload type of RFC 3551 table 4, or the dynamic one that we offer. */
  payloadType: number;
  /** The value of a=fmtp after the payload type. */
  fmtp?: string;
}

/** G.722 is declared with 8000 Hz although it samples at 16000 (RFC 3551 section 4.5.2). */
export const CODEC_TABLE: Record<CodecName, CodecEntry> = {
  opus: { rtpmap: 'opus/48000/2', payloadType: 111, fmtp: 'minptime=10;useinbandfec=1' },
  g722: { rtpmap: 'G722/8000', payloadType: 9 },
  pcmu: { rtpmap: 'PCMU/8000', payloadType: 0 },
  pcma: { rtpmap: 'PCMA/8000', payloadType: 8 },
  'l16-8000': { rtpmap: 'L16/8000', payloadType: 118 },
  'l16-16000': { rtpmap: 'L16/16000', payloadType: 119 },
};

/** Static payload type of comfort noise for codecs of 8000 Hz (RFC 3389 section 4). */
export const COMFORT_NOISE = 13;

const NAMES = Object.keys(CODEC_TABLE) as CodecName[];
/** RFC 3551 table 4: below are numbers with a fixed meaning. */
const FIRST_DYNAMIC = 96;

/** The codec of an rtpmap, or undefined when we do not carry it. Opus is always 48000/2 (RFC 7587 4.1). */
export function codecOfRtpmap(map: {
  name: string;
  rate: number | undefined;
  channels: number | undefined;
}): CodecName | undefined {
  const channels = (map.channels ?? 1) === 1 ? '' : `/${map.channels}`;
  const written = `${map.name}/${map.rate}${channels}`.toLowerCase();
  return NAMES.find((name) => CODEC_TABLE[name].rtpmap.toLowerCase() === written);
}

/** Payload types that need no rtpmap. */
export function codecOfStaticPayloadType(payloadType: number): CodecName | undefined {
  if (payloadType >= FIRST_DYNAMIC) return undefined;
  return NAMES.find((name) => CODEC_TABLE[name].payloadType === payloadType);
}
