import {
  chooseTelephoneEvent,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { CodecName, LegName, LegPolicy } from '../media-engine.js';
import { limitedByOffer } from '../sdp/direction.js';
import { codecForOfferer, codecOfAnswer } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import { planCodecs, type CodecPlan } from './codec-plan.js';
import { narrowSdp } from '../sdp/narrow-sdp.js';
import { unsupported } from './session-errors.js';

export interface OfferToDaemon {
  /** Who is offered to. */
  to: LegName;
  policies: { from: LegPolicy; to: LegPolicy };
  /** The offer as it came. */
  source: string;
  described: PeerDescription;
  plan: CodecPlan;
  /** What the daemon gets. */
  sdp: string;
}

/** The daemon's offer for the other side, with only what we mean it to have. */
export interface OfferToPeer {
  described: PeerDescription;
  sdp: string;
}

export interface AnswerToDaemon {
  described: PeerDescription;
  codec: CodecName;
  /** Whether the answerer takes telephone-events under the number that it was offered. */
  takesEvents: boolean;
  sdp: string;
}

/** The daemon's answer for the offerer, narrowed to one codec. */
export interface AnswerToPeer {
  codec: CodecName;
  takesEvents: boolean;
  sdp: string;
}

/** @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC */
export function narrowOffer(
  to: LegName,
  source: string,
  { inUse, ...policies }: OfferToDaemon['policies'] & { inUse?: CodecName | undefined },
): OfferToDaemon {
  for (const { srtp, codecs } of [policies.from, policies.to]) {
    if (srtp === 'required') throw unsupported('speak SRTP to a carrier');
    if (codecs.some((codec) => codec.startsWith('l16'))) throw unsupported('speak L16');
  }
  const described = parseSdp(source, policies.from.kind);
  const plan = planCodecs(described, policies, inUse);
  const { audioIndex, direction } = described;
  const payloadTypes = [
    ...described.codecs.filter(({ codec }) => plan.kept.includes(codec)),
    ...fittingEvents(described, plan.kept),
  ].map(({ payloadType }) => payloadType);
  // rtpengine takes the name of the audio line from one side to the other; browsers must have one.
  const mid = policies.to.kind === 'webrtc' ? '0' : undefined;
  const sdp = narrowSdp(source, { audioIndex, payloadTypes, direction, mid });
  return { to, policies, source, described, plan, sdp };
}

/** rtpengine lists codecs that it makes last, whatever the order asked for. */
export function orderOffer({ plan, policies }: OfferToDaemon, reply: string): OfferToPeer {
  const described = parseSdp(reply, policies.to.kind);
  const codecs = plan.offered.flatMap((name) =>
    described.codecs.filter(({ codec }) => codec === name),
  );
  const { audioIndex, direction } = described;
  const events = fittingEvents(described, plan.offered);
  const payloadTypes = [...codecs, ...events].map(({ payloadType }) => payloadType);
  return {
    described: { ...described, codecs, telephoneEvents: events },
    sdp: narrowSdp(reply, { audioIndex, payloadTypes, direction }),
  };
}

/** @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC */
export function narrowAnswer(
  offer: OfferToDaemon,
  offered: PeerDescription,
  source: string,
): AnswerToDaemon {
  const described = parseSdp(source, offer.policies.to.kind);
  const { codec, payloadType } = codecOfAnswer(
    described,
    offered.codecs.map((entry) => entry.codec),
  );
  const ours = offered.codecs.find((entry) => entry.codec === codec);
  if (ours?.payloadType !== payloadType) {
    throw sdpError(
      'CL_MEDIA_NO_COMMON_CODEC',
      `The answer gives ${codec} the payload type ${payloadType}, the offer ` +
        `${ours?.payloadType ?? 'none'}; rtpengine needs the same on both sides.`,
    );
  }
  const event = chooseTelephoneEvent(codec, described.telephoneEvents);
  const takesEvents = offered.telephoneEvents.some(
    (entry) => entry.payloadType === event?.payloadType && entry.clockRate === event.clockRate,
  );
  const payloadTypes =
    takesEvents && event !== undefined ? [payloadType, event.payloadType] : [payloadType];
  const direction = limitedByOffer(described.direction, offer.described.direction);
  const sdp = narrowSdp(source, { audioIndex: described.audioIndex, payloadTypes, direction });
  return { described, codec, takesEvents, sdp };
}

/** Of what the daemon would take from the offerer: one codec, and the telephone-event of its clock. */
export function narrowReply(offer: OfferToDaemon, codec: CodecName, reply: string): AnswerToPeer {
  const described = parseSdp(reply, offer.policies.from.kind);
  const wanted = codecForOfferer(described, codec, offer.policies);
  const chosen = codecOfAnswer(described, [wanted]);
  const event = chooseTelephoneEvent(chosen.codec, described.telephoneEvents);
  const payloadTypes = [chosen, ...(event === undefined ? [] : [event])].map(
    ({ payloadType }) => payloadType,
  );
  const { audioIndex, direction } = described;
  return {
    codec: chosen.codec,
    takesEvents: event !== undefined,
    sdp: narrowSdp(reply, { audioIndex, payloadTypes, direction }),
  };
}

/** Those of the clocks of the codecs; of a peer that has none of these, the first. */
function fittingEvents(
  { telephoneEvents }: PeerDescription,
  codecs: readonly CodecName[],
): PeerDescription['telephoneEvents'] {
  const rates = telephoneEventRatesToOffer(codecs);
  const fitting = telephoneEvents.filter(({ clockRate }) => rates.includes(clockRate));
  return fitting.length > 0 ? fitting : telephoneEvents.slice(0, 1);
}
