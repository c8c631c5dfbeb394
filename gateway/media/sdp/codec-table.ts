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
};

const NAMES: readonly CodecName[] = ['opus', 'g722', 'pcmu', 'pcma'];

/** The codec of an rtpmap, or undefined when we do not carry it. Opus is always 48000/2 (RFC 7587 4.1). */
export function codecOfRtpmap(map: {
  name: string;
  rate: number | undefined;
  channels: number | undefined;
}): CodecName | undefined {
  const wanted = NAMES.find((name) => name === map.name.toLowerCase());
  if (wanted === undefined) return undefined;
  if (wanted === 'opus') return map.rate === 48_000 && map.channels === 2 ? wanted : undefined;
  return map.rate === 8000 && (map.channels ?? 1) === 1 ? wanted : undefined;
}

/** Payload types that need no rtpmap. */
export function codecOfStaticPayloadType(payloadType: number): CodecName | undefined {
  return NAMES.find((name) => name !== 'opus' && CODEC_TABLE[name].payloadType === payloadType);
}
