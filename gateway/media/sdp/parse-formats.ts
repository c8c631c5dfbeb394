import type { MediaDescription } from 'sdp-transform';
import type { OfferedTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import { codecOfRtpmap, codecOfStaticPayloadType } from './codec-table.js';
import type { SdpCodec } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';

export interface ParsedFormats {
  codecs: SdpCodec[];
  codecNames: string[];
  telephoneEvents: OfferedTelephoneEvent[];
}

interface Format {
  payloadType: number;
  name: string;
  rate: number | undefined;
  channels: number | undefined;
}

/** Codecs, telephone-events and all names of an m=audio line, in its order of preference. */
export function parseFormats(audio: MediaDescription): ParsedFormats {
  const found: ParsedFormats = { codecs: [], codecNames: [], telephoneEvents: [] };
  for (const text of (audio.payloads ?? '').trim().split(/\s+/)) {
    const format = formatOf(audio, text);
    if (format.name.toLowerCase() === 'telephone-event') {
      const events = audio.fmtp.find((entry) => entry.payload === format.payloadType)?.config;
      const { payloadType, rate } = format;
      found.telephoneEvents.push({ payloadType, clockRate: rate ?? 8000, events });
      continue;
    }
    found.codecNames.push(format.name);
    const codec = codecOfRtpmap(format) ?? undefined;
    const known = found.codecs.some((entry) => entry.codec === codec);
    if (codec !== undefined && !known)
      found.codecs.push({ codec, payloadType: format.payloadType });
  }
  return found;
}

function formatOf(audio: MediaDescription, text: string): Format {
  const payloadType = Number(text);
  // RFC 3550 5.1: seven bits. RTCP with rtcp-mux takes 64 to 95 (RFC 5761 section 4), nobody uses them.
  if (!/^\d{1,3}$/.test(text) || payloadType > 127) {
    throw sdpError(
      'CL_MEDIA_SDP_INVALID',
      `The m=audio line lists ${quoted(text)}, which is no payload type.`,
    );
  }
  const map = audio.rtp.find((entry) => entry.payload === payloadType);
  if (map !== undefined) {
    return { payloadType, name: map.codec, rate: map.rate, channels: map.encoding };
  }
  const fixed = codecOfStaticPayloadType(payloadType);
  const name = fixed ?? `payload type ${payloadType}`;
  return { payloadType, name, rate: 8000, channels: 1 };
}
