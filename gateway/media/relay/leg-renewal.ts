import { CopperlineError } from '../../kernel/errors.js';
import { otherLeg, type LegName } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import { limitedByOffer } from '../sdp/direction.js';
import { codecForOfferer, codecOfAnswer, codecsToOffer } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import {
  agreementOfAnswerer,
  agreementOfOfferer,
  answerText,
  formatsToOffer,
  type OfferedFormats,
} from './leg-description.js';
import type { LegAgreement } from './leg-agreement.js';
import type { MediaWatch } from './media-watch.js';
import type { Side } from './exchange.js';

type RenewalOffer = OfferedFormats & { direction: Direction };

export interface LegRenewalOptions {
  /** @throws CopperlineError CL_MEDIA_CLOSED */
  sideOf: (leg: LegName) => Side | undefined;
  watch: MediaWatch;
  /** A leg has another transport, or soon will. */
  onRenewed: () => void;
}

/**
 * Gives one leg of a call another transport while the other leg goes on: see MediaSession.renewalOffer. What the two legs agreed on stays,
 * but for the codec of the leg, which a new peer may choose.
 */
export class LegRenewal {
  readonly #options: LegRenewalOptions;
  readonly #offers = new Map<LegName, RenewalOffer>();

  constructor(options: LegRenewalOptions) {
    this.#options = options;
  }

  offer(to: LegName): string {
    const { side, other, agreement } = this.#sides(to);
    const codecs = codecsToOffer(agreedPart(other, agreement), {
      from: other.leg.policy,
      to: side.leg.policy,
    });
    const offer = {
      ...formatsToOffer(codecs, undefined, side.leg.policy.dtmf),
      direction: agreement.direction,
    };
    this.#offers.set(to, offer);
    this.#options.watch.start();
    return side.link.writeAnew(offer);
  }

  takeAnswer(from: LegName, text: string): void {
    const { side, other } = this.#sides(from);
    const offered = this.#offers.get(from);
    if (offered === undefined) throw noOffer(`No offer was made anew to the ${from}.`);
    const answer = parseSdp(text, side.leg.policy.kind, side.leg.policy.srtp);
    const chosen = codecOfAnswer(
      answer,
      offered.codecs.map(({ codec }) => codec),
    );
    side.link.connect(answer, 'renewal');
    side.link.beginAnew();
    this.#offers.delete(from);
    this.#settle(side, other, {
      remote: answer,
      agreement: agreementOfAnswerer(answer, chosen, offered),
    });
  }

  takeOffer(from: LegName, text: string): string {
    const { side, other, agreement: kept } = this.#sides(from);
    const offer = parseSdp(text, side.leg.policy.kind, side.leg.policy.srtp);
    const policies = { from: side.leg.policy, to: other.leg.policy };
    // Throws when nothing can be made of the offer's codecs.
    codecsToOffer(offer, policies);
    const codec = codecForOfferer(offer, kept.codec, policies);
    const direction = limitedByOffer(kept.direction, offer.direction);
    side.link.connect(offer, 'offer');
    const agreement = agreementOfOfferer(offer, codec, { direction, comfortNoise: false });
    this.#settle(side, other, { remote: offer, agreement });
    return side.link.write(answerText(agreement, offer));
  }

  #settle(
    side: Side,
    other: Side,
    now: { remote: PeerDescription; agreement: LegAgreement },
  ): void {
    side.remote = now.remote;
    side.leg.agree(now.agreement);
    side.leg.matchCodecs();
    other.leg.matchCodecs();
    this.#options.watch.start();
    this.#options.onRenewed();
  }

  /** The leg, the other leg, and what that one agreed on. */
  #sides(leg: LegName): { side: Side; other: Side; agreement: LegAgreement } {
    const side = this.#agreed(leg);
    const other = this.#agreed(otherLeg(leg));
    if (side.leg.policy.kind !== 'webrtc') {
      const sentence = `The ${leg} is no WebRTC leg; it is re-offered in the call's own exchange.`;
      throw new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
    }
    return { side, other, agreement: other.leg.agreement };
  }

  #agreed(leg: LegName): Side & { leg: { agreement: LegAgreement } } {
    const side = this.#options.sideOf(leg);
    if (side !== undefined && hasAgreed(side)) return side;
    throw noOffer(`The ${leg} has not agreed to anything yet that could be renewed.`);
  }
}

function hasAgreed(side: Side): side is Side & { leg: { agreement: LegAgreement } } {
  return side.leg.agreement !== undefined;
}

/** What a side offers once more: that which it is in. */
function agreedPart({ remote }: Side, agreement: LegAgreement): PeerDescription {
  if (remote === undefined) throw noOffer('The other leg has sent no SDP yet.');
  const { codec, sendPayloadType } = agreement;
  return { ...remote, codecs: [{ codec, payloadType: sendPayloadType }] };
}

function noOffer(sentence: string): CopperlineError {
  return new CopperlineError('CL_MEDIA_SDP_NO_OFFER', { sentence });
}
