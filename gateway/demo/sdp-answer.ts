import { CopperlineError } from '../kernel/errors.js';
import { readAudioOffer, type AudioOffer, type OfferedFormat } from './sdp-offer.js';
import type { RtpAddress } from './rtp-endpoint.js';

export type DemoCodec = 'PCMU' | 'PCMA' | 'G722' | 'OPUS';

/** What an answered call runs on. */
export interface Negotiated {
  codec: DemoCodec;
  payloadType: number;
  /** RTP clock rate of the audio: 8000, or 48000 for Opus. */
  clockRate: number;
  /** Payload type of telephone-event at the same clock rate; undefined when the offer has none. */
  eventPayloadType: number | undefined;
  remote: RtpAddress;
  /** Whether the peer wants to hear us (RFC 3264 section 6.1). */
  sending: boolean;
  /** Whether the peer said that it sends. */
  receiving: boolean;
  sdp: string;
}

export interface AnswerOptions {
  /** What the dialled number can do; the order of the offer decides. */
  codecs: readonly DemoCodec[];
  local: RtpAddress;
  sessionId: number;
  version: number;
}

/**
 * Answers an offer (RFC 3264 section 6) with the first codec of it that `codecs` has.
 * @throws CopperlineError CL_DEMO_OFFER_UNACCEPTABLE
 */
export function answerOffer(sdp: string, options: AnswerOptions): Negotiated {
  const offer = readAudioOffer(sdp);
  for (const format of offer.formats) {
    const codec = codecOf(format);
    if (codec === undefined || !options.codecs.includes(codec)) continue;
    return negotiated(offer, { format, codec }, options);
  }
  const names = offer.formats.map((format) => format.name).join(', ');
  throw new CopperlineError('CL_DEMO_OFFER_UNACCEPTABLE', {
    sentence: `The offer has ${names || 'no codec'}; this number takes ${options.codecs.join(', ')}.`,
  });
}

function codecOf(format: OfferedFormat): DemoCodec | undefined {
  if (format.name === 'OPUS') return format.clockRate === 48000 ? 'OPUS' : undefined;
  if (format.clockRate !== 8000) return undefined;
  // RFC 3551 section 4.5.2: G.722 has an RTP clock rate of 8000.
  if (format.name === 'PCMU' || format.name === 'PCMA' || format.name === 'G722') {
    return format.name;
  }
  return undefined;
}

function negotiated(
  offer: AudioOffer,
  chosen: { format: OfferedFormat; codec: DemoCodec },
  options: AnswerOptions,
): Negotiated {
  const { format, codec } = chosen;
  // RFC 4733 section 2.1: events use the clock of the audio stream that they share.
  const event = offer.formats.find(
    (other) => other.name === 'TELEPHONE-EVENT' && other.clockRate === format.clockRate,
  );
  const eventPayloadType = event?.payloadType;
  return {
    codec,
    payloadType: format.payloadType,
    clockRate: format.clockRate,
    eventPayloadType,
    remote: offer.remote,
    sending: wantsAudio(offer),
    receiving: offer.direction === 'sendrecv' || offer.direction === 'sendonly',
    sdp: writeAnswer(offer, { format, eventPayloadType }, options),
  };
}

function wantsAudio({ direction, remote }: AudioOffer): boolean {
  // RFC 3264 section 8.4: the old way to hold a call is the address 0.0.0.0.
  if (remote.host === '0.0.0.0') return false;
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** RFC 3264 section 6.1. */
const MIRROR = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
} as const;

function writeAnswer(
  offer: AudioOffer,
  chosen: { format: OfferedFormat; eventPayloadType: number | undefined },
  options: AnswerOptions,
): string {
  const { format, eventPayloadType } = chosen;
  const family = options.local.host.includes(':') ? 'IP6' : 'IP4';
  const types = [format.payloadType, ...(eventPayloadType === undefined ? [] : [eventPayloadType])];
  const audio = [
    `m=audio ${options.local.port} RTP/AVP ${types.join(' ')}`,
    `a=rtpmap:${format.payloadType} ${format.encoding}`,
  ];
  if (eventPayloadType !== undefined) {
    audio.push(
      `a=rtpmap:${eventPayloadType} telephone-event/${format.clockRate}`,
      `a=fmtp:${eventPayloadType} 0-15`,
    );
  }
  audio.push('a=ptime:20', `a=${MIRROR[offer.direction]}`);
  // RFC 3264 section 6: every m-line is answered, in order; the others are refused with port 0.
  const media = offer.mediaLines.flatMap((line, index) =>
    index === offer.audioIndex ? audio : [`m=${line.type} 0 ${line.protocol} ${line.formats}`],
  );
  return [
    'v=0',
    `o=demo ${options.sessionId} ${options.version} IN ${family} ${options.local.host}`,
    's=Copperline demo carrier',
    `c=IN ${family} ${options.local.host}`,
    't=0 0',
    ...media,
    '',
  ].join('\r\n');
}
