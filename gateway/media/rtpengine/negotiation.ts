import {
  chooseTelephoneEvent,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { CodecName, LegName, LegPolicy } from '../media-engine.js';
import { limitedByOffer } from '../sdp/direction.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription, SdpCodec } from '../sdp/peer-description.js';
import { quoted, sdpError } from '../sdp/sdp-errors.js';
import { narrowSdp } from './narrow-sdp.js';

export interface OfferToDaemon {
  /** Who is offered to. */
  to: LegName;
  policies: { from: LegPolicy; to: LegPolicy };
  /** The offer as it came. */
  source: string;
  described: PeerDescription;
  codecs: readonly CodecName[];
  /** What the daemon gets. */
  sdp: string;
}

export interface AnswerToDaemon {
  described: PeerDescription;
  codec: CodecName;
  /** Whether both sides take telephone-events; a daemon that only passes packets needs one number for both. */
  digits: boolean;
  sdp: string;
}

/** @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC */
export function narrowOffer(
  to: LegName,
  source: string,
  policies: OfferToDaemon['policies'],
): OfferToDaemon {
  const described = parseSdp(source, policies.from.kind);
  const codecs = commonCodecs(described, policies);
  const types = codecs.flatMap((name) => {
    const entry = described.codecs.find(({ codec }) => codec === name);
    return entry === undefined ? [] : [entry.payloadType];
  });
  const rates = telephoneEventRatesToOffer(codecs);
  const fitting = described.telephoneEvents.filter(({ clockRate }) => rates.includes(clockRate));
  const events = fitting.length > 0 ? fitting : described.telephoneEvents.slice(0, 1);
  const { audioIndex, direction } = described;
  const payloadTypes = [...types, ...events.map(({ payloadType }) => payloadType)];
  // rtpengine takes the name of the audio line from one side to the other; browsers must have one.
  const mid = policies.to.kind === 'webrtc' ? '0' : undefined;
  const sdp = narrowSdp(source, { audioIndex, payloadTypes, direction, mid });
  return { to, policies, source, described, codecs, sdp };
}

/** @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC */
export function narrowAnswer(offer: OfferToDaemon, source: string): AnswerToDaemon {
  const described = parseSdp(source, offer.policies.to.kind);
  const { codec, payloadType } = chosenCodec(described, offer.codecs);
  const offered = offer.described.codecs.find((entry) => entry.codec === codec);
  if (offered?.payloadType !== payloadType) {
    throw sdpError(
      'CL_MEDIA_NO_COMMON_CODEC',
      `The answer gives ${codec} the payload type ${payloadType}, the offer ` +
        `${offered?.payloadType ?? 'none'}; rtpengine without transcoding needs the same.`,
    );
  }
  const event = chooseTelephoneEvent(codec, offer.described.telephoneEvents);
  const digits = described.telephoneEvents.some(
    ({ payloadType: type, clockRate }) =>
      type === event?.payloadType && clockRate === event.clockRate,
  );
  const payloadTypes =
    digits && event !== undefined ? [payloadType, event.payloadType] : [payloadType];
  const direction = limitedByOffer(described.direction, offer.described.direction);
  const sdp = narrowSdp(source, { audioIndex: described.audioIndex, payloadTypes, direction });
  return { described, codec, digits, sdp };
}

/** rtpengine passes packets on here and transcodes none, so what is offered must be offered on both sides. */
function commonCodecs(
  offer: PeerDescription,
  { from, to }: OfferToDaemon['policies'],
): CodecName[] {
  const offered = offer.codecs.filter(({ codec }) => from.codecs.includes(codec));
  const common = to.codecs.filter((name) => offered.some(({ codec }) => codec === name));
  if (common.length > 0) return common;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: the offer has ${listed(offer.codecNames)}, ` +
      `the other side takes ${listed(to.codecs)}.`,
  );
}

/** RFC 3264 section 6.1: the first of the answer that was offered. */
function chosenCodec(answer: PeerDescription, offered: readonly CodecName[]): SdpCodec {
  const chosen = answer.codecs.find(({ codec }) => offered.includes(codec));
  if (chosen !== undefined) return chosen;
  throw sdpError(
    'CL_MEDIA_NO_COMMON_CODEC',
    `No codec in common: we offered ${listed(offered)}, the answer has ${listed(answer.codecNames)}.`,
  );
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : quoted(names.join(', ').toLowerCase());
}
