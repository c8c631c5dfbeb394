import type { Log } from '../../kernel/log.js';
import { type CodecName, type LegName, type LegPolicy, otherLeg } from '../media-engine.js';
import { type Direction, sends } from '../sdp/direction.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import type { CallDigits } from './call-digits.js';
import type { CodecPlan } from './codec-plan.js';
import type { DaemonCall } from './daemon-call.js';
import {
  narrowAnswer,
  narrowOffer,
  narrowReply,
  orderOffer,
  type AnswerToDaemon,
  type OfferToDaemon,
} from './negotiation.js';
import { callFlags, type InterfaceNames, legFlags } from './ng-flags.js';
import { OwnText } from './own-text.js';
import { sdpOf } from './session-errors.js';
import { standInOffer } from './stand-in.js';
import { SilencedLegs } from './silenced-legs.js';

export type Policies = Record<'from' | 'to', LegPolicy>;

export interface CallExchangeOptions {
  callId: string;
  call: DaemonCall;
  digits: CallDigits;
  interfaces: InterfaceNames | undefined;
  injectDigits: boolean;
  log: Log;
  /** An answer took effect. */
  onAnswered(): void;
}

/** How the offer of `to` was answered; no SDP when that was another offer of it. */
interface Answered {
  to: LegName;
  sdp: string | undefined;
}

/** What a leg said last, as the daemon was told it. */
export interface LastWord {
  sdp: string;
  policy: LegPolicy;
}

/** Offers and answers of a call, by way of the daemon. MUST run one at a time. */
export class CallExchange {
  readonly codecs: Partial<Record<LegName, CodecName | undefined>> = {};
  readonly text = new OwnText();
  readonly #options: CallExchangeOptions;
  readonly #directions: Partial<Record<LegName, Direction>> = {};
  readonly #silenced: SilencedLegs;
  readonly #lastWords: Partial<Record<LegName, LastWord>> = {};
  #offer: OfferToDaemon | undefined;
  /** What the daemon made of #offer. */
  #offered: PeerDescription | undefined;
  #answer: Answered | undefined;
  /** Has an offer that no offer of the other leg is behind, and has not answered it. */
  #asked: LegName | undefined;
  /** The last offer is such an answer: nobody waits for what becomes of it. */
  #isUnawaited = false;

  constructor(options: CallExchangeOptions) {
    this.#options = options;
    this.#silenced = new SilencedLegs((command, leg) =>
      options.call.request(command, { 'from-tag': leg }),
    );
  }

  /** What a leg has agreed to; undefined before the first answer. */
  agreedBy(leg: LegName): LastWord | undefined {
    return this.codecs[leg] === undefined ? undefined : this.#lastWords[leg];
  }

  /** Whether the leg may send, by its last SDP; undefined while it has none. */
  maySend(leg: LegName): boolean | undefined {
    const own = this.#directions[leg];
    const other = this.#directions[otherLeg(leg)];
    if (own === undefined || other === undefined) return undefined;
    return sends(own) && other !== 'sendonly' && other !== 'inactive';
  }

  /** An offer of a leg that has said nothing yet. */
  offerAlone(to: LegName, policies: Policies): Promise<string> {
    const { from } = policies;
    const standIn: LegPolicy = { ...from, kind: 'rtp', srtp: 'off', dtmf: undefined };
    const offer = narrowOffer(to, standInOffer(from), { ...policies, from: standIn });
    this.#asked = to;
    return this.offer(offer, { callPolicies: policies });
  }

  async offerTo(to: LegName, source: string, policies: Policies): Promise<string> {
    if (this.#asked === otherLeg(to)) {
      await this.answerTo(to, source);
      this.#asked = undefined;
      this.#isUnawaited = true;
      // What the stand-in spoke binds nobody.
      this.codecs[to] = undefined;
      return this.offer(narrowOffer(to, source, policies), { callPolicies: policies });
    }
    this.#isUnawaited = false;
    const isNextRoute = this.#offer?.source === source && this.#offer.to === to;
    const inUse = isNextRoute ? undefined : this.codecs[to];
    const inPlace = inUse !== undefined;
    return this.offer(narrowOffer(to, source, { ...policies, inUse }), { inPlace });
  }

  /** @param inPlace the leg that made the offer has another connection, and the other leg keeps its ports all the same */
  async offer(
    offer: OfferToDaemon,
    { inPlace, callPolicies }: { inPlace?: boolean; callPolicies?: Policies } = {},
  ): Promise<string> {
    const { to, policies, plan, described } = offer;
    const { call, interfaces } = this.#options;
    const ofCall = callPolicies ?? (call.begun ? undefined : policies);
    const digits = this.#takesDigits(plan);
    const reply = await call.begin({
      'from-tag': otherLeg(to),
      ...(this.#answer === undefined ? {} : { 'to-tag': to }),
      sdp: offer.sdp,
      codec: plan.flags,
      ...legFlags(policies.to, { role: 'offer', digits, other: policies.from, inPlace }),
      ...(ofCall === undefined ? {} : callFlags(ofCall, interfaces)),
    });
    const toPeer = orderOffer(offer, sdpOf(reply));
    // The next route gets the same offer again; only another offer asks for another answer.
    const isNew = this.#offer?.source !== offer.source || this.#offer.to !== to;
    if (isNew && this.#answer !== undefined) this.#answer = { to, sdp: undefined };
    this.#offer = offer;
    this.#offered = toPeer.described;
    this.text.hear(otherLeg(to), described);
    this.#directions[otherLeg(to)] = described.direction;
    this.#lastWords[otherLeg(to)] = { sdp: offer.sdp, policy: policies.from };
    return this.text.take(to, toPeer.sdp, policies.to);
  }

  async answerTo(to: LegName, source: string): Promise<string> {
    const [offer, offered] = [this.#offer, this.#offered];
    if (offer === undefined || offered === undefined || offer.to === to) {
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `There is no offer of the ${to} to answer.`);
    }
    const text = await this.#take(offer, narrowAnswer(offer, offered, source));
    return this.#isUnawaited ? '' : text;
  }

  /** The answer of a leg as it was, to an offer that concerns the other leg alone. */
  async answerAgain(to: LegName): Promise<string> {
    const [offer, offered] = [this.#offer, this.#offered];
    const last = this.#lastWords[otherLeg(to)];
    if (offer === undefined || offered === undefined || last === undefined)
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `There is no offer of the ${to} to answer.`);
    // Its part in DTLS was settled when it offered: the daemon waits for its hello.
    const answer = last.sdp.replace(/^a=setup:actpass/m, 'a=setup:active');
    return this.#take(offer, narrowAnswer(offer, offered, answer));
  }

  async #take(offer: OfferToDaemon, answer: AnswerToDaemon): Promise<string> {
    const { from, to: answererPolicy } = offer.policies;
    const to = otherLeg(offer.to);
    const digits = this.#takesDigits(offer.plan);
    const reply = await this.#options.call.request('answer', {
      'from-tag': to,
      'to-tag': offer.to,
      sdp: answer.sdp,
      ...legFlags(from, { role: 'answer', digits, other: answererPolicy }),
    });
    this.#directions[offer.to] = answer.described.direction;
    this.#lastWords[offer.to] = { sdp: answer.sdp, policy: answererPolicy };
    await this.#settle(offer, answer);
    await this.#silenced.follow(this.#directions);
    this.#options.onAnswered();
    const before = this.#answer?.to === to ? this.#answer.sdp : undefined;
    const toPeer = narrowReply(offer, answer.codec, sdpOf(reply));
    this.codecs[to] = toPeer.codec;
    this.#options.digits.agree(to, from, { takesEvents: toPeer.takesEvents, canPlay: digits });
    const sdp = before ?? this.text.take(to, toPeer.sdp, from);
    this.#answer = { to, sdp };
    return sdp;
  }

  /** Whether digits of ours can be put into the audio. */
  #takesDigits({ decodes, mayDecode }: CodecPlan): boolean {
    return decodes || (mayDecode && this.#options.injectDigits);
  }

  /** What the answerer chose. */
  async #settle(offer: OfferToDaemon, answer: AnswerToDaemon): Promise<void> {
    const { to, policies } = offer;
    this.codecs[to] = answer.codec;
    this.#options.digits.agree(to, policies.to, {
      takesEvents: answer.takesEvents,
      canPlay: this.#takesDigits(offer.plan),
    });
    // Told by the signalling: as a tone as well it would be heard twice.
    if (policies.to.dtmf === 'info')
      await this.#options.call.request('block DTMF', { 'from-tag': otherLeg(to) });
    else if (!answer.takesEvents && policies.to.dtmf !== 'inband') this.#warnOfDigits(to);
  }

  #warnOfDigits(leg: LegName): void {
    const { log, callId } = this.#options;
    log.warn(
      { callId },
      `The ${leg} takes no telephone-event under the payload type that was offered; no digits can pass in the media`,
    );
  }
}
