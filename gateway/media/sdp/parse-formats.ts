import type { MediaDescription } from 'sdp-transform';
import type { OfferedTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import { COMFORT_NOISE, codecOfRtpmap, codecOfStaticPayloadType } from './codec-table.js';
import type { SdpCodec } from './peer-description.js';
import { quoted, sdpError } from './sdp-errors.js';
import { text } from './sdp-text.js';

export interface ParsedFormats {
  codecs: SdpCodec[];
  codecNames: string[];
  telephoneEvents: OfferedTelephoneEvent[];
  comfortNoise: boolean;
}

interface Format {
  payloadType: number;
  name: string;
  rate: number | undefined;
  channels: number | undefined;
}

/** Codecs, telephone-events and all names of an m=audio line, in its order of preference. */
export function parseFormats(audio: MediaDescription): ParsedFormats {
  const found: ParsedFormats = {
    ...{ codecs: [], codecNames: [], telephoneEvents: [], comfortNoise: false },
  };
  for (const entry of (text(audio.payloads) ?? '').trim().split(/\s+/)) {
    const format = formatOf(audio, entry);
    if (format.name.toLowerCase() === 'telephone-event') {
      const fmtp = audio.fmtp.find((line) => line.payload === format.payloadType);
      const { payloadType, rate } = format;
      found.telephoneEvents.push({
        payloadType,
        clockRate: rate ?? 8000,
        events: text(fmtp?.config),
      });
      continue;
    }
    if (isComfortNoise(format)) {
      found.comfortNoise ||= format.payloadType === COMFORT_NOISE;
      continue;
    }
    found.codecNames.push(format.name);
    const codec = codecOfRtpmap(format);
    const known = found.codecs.some((other) => other.codec === codec);
    if (codec !== undefined && !known)
      found.codecs.push({ codec, payloadType: format.payloadType });
  }
  return found;
}

function isComfortNoise({ name, payloadType }: Format): boolean {
  return name.toLowerCase() === 'cn' || payloadType === COMFORT_NOISE;
}

function formatOf(audio: MediaDescription, entry: string): Format {
  const payloadType = Number(entry);
  // RFC 3550 5.1: seven bits.
  if (!/^\d{1,3}$/.test(entry) || payloadType > 127) {
    throw sdpError(
      'CL_MEDIA_SDP_INVALID',
      `The m=audio line lists ${quoted(entry)}, which is no payload type.`,
    );
  }
  const map = audio.rtp.find((line) => line.payload === payloadType);
  if (map !== undefined) {
    const name = text(map.codec) ?? '';
    return { payloadType, name, rate: map.rate, channels: map.encoding };
  }
  const fixed = codecOfStaticPayloadType(payloadType);
  const name = fixed ?? `payload type ${payloadType}`;
  return { payloadType, name, rate: 8000, channels: 1 };
}
