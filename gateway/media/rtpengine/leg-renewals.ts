import { CopperlineError } from '../../kernel/errors.js';
import { type LegName, otherLeg } from '../media-engine.js';
import { sdpError } from '../sdp/sdp-errors.js';
import type { CallExchange } from './call-exchange.js';
import type { LastWord } from './leg-words.js';
import { narrowOffer } from './negotiation.js';

/**
 * Gives one leg of a call another connection while the other leg goes on: see MediaSession.renewalOffer. To the daemon it is an offer of
 * one leg and the answer that the other one gave before.
 */
export class LegRenewals {
  readonly #exchange: CallExchange;
  readonly #offered = new Set<LegName>();

  constructor(exchange: CallExchange) {
    this.#exchange = exchange;
  }

  async offer(to: LegName): Promise<string> {
    const { own, other } = this.#words(to);
    const policies = { from: other.policy, to: own.policy };
    const text = await this.#exchange.offer(narrowOffer(to, asOffer(other.sdp), policies), {
      inPlace: true,
    });
    this.#offered.add(to);
    return text;
  }

  async takeAnswer(from: LegName, answer: string): Promise<void> {
    this.#words(from);
    if (!this.#offered.has(from))
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `No offer was made anew to the ${from}.`);
    await this.#exchange.answerTo(otherLeg(from), answer);
    this.#offered.delete(from);
  }

  async takeOffer(from: LegName, offer: string): Promise<string> {
    const { own, other } = this.#words(from);
    const to = otherLeg(from);
    const inUse = this.#exchange.words.codecs[to];
    const policies = { from: own.policy, to: other.policy, inUse };
    await this.#exchange.offer(narrowOffer(to, offer, policies), { inPlace: true });
    return this.#exchange.answerAgain(from);
  }

  #words(leg: LegName): { own: LastWord; other: LastWord } {
    const own = this.#agreed(leg);
    const other = this.#agreed(otherLeg(leg));
    if (own.policy.kind === 'webrtc') return { own, other };
    const sentence = `The ${leg} is no WebRTC leg; it is re-offered in the call's own exchange.`;
    throw new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
  }

  #agreed(leg: LegName): LastWord {
    const agreed = this.#exchange.words.agreedBy(leg);
    if (agreed !== undefined) return agreed;
    const sentence = `The ${leg} has not agreed to anything yet that could be renewed.`;
    throw sdpError('CL_MEDIA_SDP_NO_OFFER', sentence);
  }
}

/** An answer's part in DTLS is settled, an offer's is not (RFC 8842 section 5.2). */
function asOffer(sdp: string): string {
  return sdp.replace(/^a=setup:(active|passive)/m, 'a=setup:actpass');
}
