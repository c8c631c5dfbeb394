import {
  chooseTelephoneEvent,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import { type CodecName, type LegName, type LegPolicy, SRTP_SUITE_NAMES } from '../media-engine.js';
import { limitedByOffer } from '../sdp/direction.js';
import { codecForOfferer, codecOfAnswer } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import { planCodecs, type CodecPlan } from './codec-plan.js';
import { unsupported } from './session-errors.js';
import { narrowSdp } from '../sdp/narrow-sdp.js';
import { usableCrypto } from '../sdp/usable-crypto.js';

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
  const described = parseSdp(source, policies.from.kind, policies.from.srtp);
  for (const { codecs } of [policies.from, policies.to])
    if (codecs.some((codec) => codec.startsWith('l16'))) throw unsupported('speak L16');
  if (policies.from.kind === 'rtp') usableCrypto(described, policies.from);
  const plan = planCodecs(described, policies, inUse);
  const { audioIndex, direction } = described;
  const payloadTypes = [
    ...described.codecs.filter(({ codec }) => plan.kept.includes(codec)),
    ...fittingEvents(described, plan.kept),
  ].map(({ payloadType }) => payloadType);
  // rtpengine takes the name of the audio line from one side to the other; browsers must have one.
  const mid = policies.to.kind === 'webrtc' ? '0' : undefined;
  const usable = withUsableKeys(source, described, policies.from);
  const sdp = narrowSdp(usable, { audioIndex, payloadTypes, direction, mid });
  return { to, policies, source, described, plan, sdp };
}

/** rtpengine lists codecs that it makes last, whatever the order asked for. */
export function orderOffer({ plan, policies }: OfferToDaemon, reply: string): OfferToPeer {
  const described = parseSdp(reply, policies.to.kind, policies.to.srtp);
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
  const policy = offer.policies.to;
  const described = parseSdp(source, policy.kind, policy.srtp);
  if (policy.kind === 'rtp')
    usableCrypto(described, policy, ({ tag, key }) =>
      offered.crypto.some((line) => line.tag === tag && line.key.suite === key.suite),
    );
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
  const events = takesEvents && event !== undefined ? [event.payloadType] : [];
  const payloadTypes = [payloadType, ...events];
  const direction = limitedByOffer(described.direction, offer.described.direction);
  const sdp = narrowSdp(source, { audioIndex: described.audioIndex, payloadTypes, direction });
  return { described, codec, takesEvents, sdp };
}

/** Of what the daemon would take from the offerer: one codec, and the telephone-event of its clock. */
export function narrowReply(offer: OfferToDaemon, codec: CodecName, reply: string): AnswerToPeer {
  const described = parseSdp(reply, offer.policies.from.kind, offer.policies.from.srtp);
  const wanted = codecForOfferer(described, codec, offer.policies);
  const chosen = codecOfAnswer(described, [wanted]);
  const event = chooseTelephoneEvent(chosen.codec, described.telephoneEvents);
  const events = event === undefined ? [] : [event];
  const payloadTypes = [chosen, ...events].map(({ payloadType }) => payloadType);
  const { audioIndex, direction } = described;
  return {
    codec: chosen.codec,
    takesEvents: event !== undefined,
    sdp: narrowSdp(reply, { audioIndex, payloadTypes, direction }),
  };
}

/** Without the a=crypto lines that we cannot, or may not, follow: the daemon would choose by itself. */
function withUsableKeys(
  sdp: string,
  { crypto }: PeerDescription,
  { kind, srtpSuites = SRTP_SUITE_NAMES }: LegPolicy,
): string {
  if (kind === 'webrtc') return sdp;
  const usable = crypto.filter(({ key }) => srtpSuites.includes(key.suite));
  return sdp.replace(/^a=crypto:(\d+) .*\r?\n/gm, (line, tag: string) =>
    usable.some((each) => each.tag === Number(tag)) ? line : '',
  );
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
