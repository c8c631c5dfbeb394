import type { Log } from '../../kernel/log.js';
import { type CodecName, type LegName, type LegPolicy, otherLeg } from '../media-engine.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { favouriteCodec } from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import { sdpError } from '../sdp/sdp-errors.js';
import type { CallDigits } from './call-digits.js';
import type { BencodeDictionary } from './bencode.js';
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
import { LegWords } from './leg-words.js';
import type { LegTags } from './leg-tags.js';
import { standInAnswer, standInOffer } from './stand-in.js';
import type { SilencedLegs } from './silenced-legs.js';

export type Policies = Record<'from' | 'to', LegPolicy>;

export interface CallExchangeOptions {
  callId: string;
  call: DaemonCall;
  digits: CallDigits;
  silenced: SilencedLegs;
  tags: LegTags;
  interfaces: InterfaceNames | undefined;
  injectDigits: boolean;
  log: Log;
  /** An answer took effect, or another route was taken. */
  onAgreed(): Promise<void>;
}

interface OfferOptions {
  /** The leg that made the offer has another connection, and the other leg keeps its ports all the same. */
  inPlace?: boolean;
  /** Of the legs as they are to be, when the daemon does not know them yet. */
  callPolicies?: Policies;
  /** The tag of another peer than the one that was offered to before. */
  branch?: string;
}

/** How the offer of `to` was answered; no SDP when that was another offer of it. */
interface Answered {
  to: LegName;
  sdp: string | undefined;
}

/** The branch of who answers in the place of a leg that has not answered. */
const STAND_IN = 'stand-in';

/** Offers and answers of a call, by way of the daemon. MUST run one at a time. */
export class CallExchange {
  readonly words = new LegWords();
  readonly text = new OwnText();
  readonly #options: CallExchangeOptions;
  #offer: OfferToDaemon | undefined;
  /** What the daemon made of #offer. */
  #offered: PeerDescription | undefined;
  #answer: Answered | undefined;
  /** Has an offer that no offer of the other leg is behind, and has not answered it. */
  #asked: LegName | undefined;
  /** The offer that its leg has been answered without the other one, and in what. */
  #alone: { source: string; codec: CodecName; stands: boolean } | undefined;
  /** The last offer is such an answer: nobody waits for what becomes of it. */
  #isUnawaited = false;

  constructor(options: CallExchangeOptions) {
    this.#options = options;
  }

  /** An offer of a leg that has said nothing yet. */
  offerAlone(to: LegName, policies: Policies): Promise<string> {
    const { from } = policies;
    const standIn: LegPolicy = { ...from, kind: 'rtp', srtp: 'off', dtmf: undefined };
    const offer = narrowOffer(to, standInOffer(from), { ...policies, from: standIn });
    const isNextRoute = this.#asked === to;
    this.#asked = to;
    if (isNextRoute) return this.#nextRoute(offer, policies);
    return this.offer(offer, { callPolicies: policies });
  }

  async offerTo(to: LegName, source: string, policies: Policies): Promise<string> {
    if (this.#asked === otherLeg(to)) {
      await this.answerTo(to, source);
      this.#asked = undefined;
      this.#isUnawaited = true;
      // What the stand-in spoke binds nobody.
      this.words.codecs[to] = undefined;
      return this.offer(narrowOffer(to, source, policies), { callPolicies: policies });
    }
    this.#isUnawaited = false;
    const isNextRoute = this.#offer?.source === source && this.#offer.to === to;
    if (isNextRoute)
      return this.#nextRoute(narrowOffer(to, source, this.#asAnswered(source, policies)));
    const inUse = this.words.codecs[to];
    const inPlace = inUse !== undefined;
    const asked = { ...this.#asAnswered(source, policies), inUse };
    return this.offer(narrowOffer(to, source, asked), { inPlace });
  }

  /** Answers an offer before the other leg does, for which a stand-in on a branch of its own speaks; nothing changes for the other leg. */
  async answerAlone(to: LegName, source: string, policy: LegPolicy): Promise<string> {
    if (this.#offer?.source === source && this.#answer?.to === to && this.#answer.sdp !== undefined)
      return this.#answer.sdp;
    const codec = favouriteCodec(parseSdp(source, policy.kind, policy.srtp), policy);
    const from = { ...policy, codecs: [codec] };
    const standIn: LegPolicy = { ...from, kind: 'rtp', srtp: 'off', dtmf: undefined };
    const offer = narrowOffer(otherLeg(to), source, { from, to: standIn });
    const fields = this.#fieldsOf(offer, { branch: STAND_IN });
    const { described } = orderOffer(offer, sdpOf(await this.#options.call.begin(fields)));
    const answer = narrowAnswer(offer, described, standInAnswer(described, standIn));
    const reply = await this.#answerDaemon(offer, answer.sdp, STAND_IN);
    this.#alone = { source, codec, stands: true };
    if (this.#offer?.source === source)
      this.#offer = { ...this.#offer, policies: this.#asAnswered(source, this.#offer.policies) };
    this.#heardOffer(offer, policy);
    return this.#tellOfferer(offer, answer.codec, reply);
  }

  /** A leg that was answered alone keeps the codec of that. */
  #asAnswered(source: string, policies: Policies): Policies {
    if (this.#alone?.source !== source) return policies;
    return { ...policies, from: { ...policies.from, codecs: [this.#alone.codec] } };
  }

  /** Another peer takes the place of the one that was offered to before: with other ports, of which the first one's are given back. */
  async #nextRoute(offer: OfferToDaemon, callPolicies = offer.policies): Promise<string> {
    const { silenced, tags } = this.#options;
    const { to } = offer;
    const before = tags.of(to);
    const text = await this.offer(offer, { callPolicies, branch: tags.following(to) });
    tags.next(to);
    silenced.forget(to);
    this.words.forget(to);
    if (this.#alone?.source !== offer.source) this.#answer = undefined;
    await this.#dismiss(otherLeg(to), before);
    await this.#options.onAgreed();
    return text;
  }

  /** Gives back the ports of a branch of that leg's; what is left of it ends with the call. */
  async #dismiss(from: LegName, branch: string): Promise<void> {
    const { call, tags } = this.#options;
    const gone = { 'from-tag': tags.of(from), 'to-tag': branch, 'via-branch': branch };
    await call.request('delete', { ...gone, 'delete-delay': 0 }).catch(() => undefined);
  }

  async offer(offer: OfferToDaemon, options: OfferOptions = {}): Promise<string> {
    const { to, policies } = offer;
    const reply = await this.#options.call.begin(this.#fieldsOf(offer, options));
    const toPeer = orderOffer(offer, sdpOf(reply));
    // The next route gets the same offer again; only another offer asks for another answer.
    const isNew = this.#offer?.source !== offer.source || this.#offer.to !== to;
    if (isNew && this.#answer !== undefined && this.#alone?.source !== offer.source)
      this.#answer = { to, sdp: undefined };
    this.#offer = offer;
    this.#offered = toPeer.described;
    this.#heardOffer(offer, (options.callPolicies ?? policies).from);
    return this.text.take(to, toPeer.sdp, policies.to);
  }

  /** @param becoming of the leg as it is to be */
  #heardOffer({ to, sdp, described, policies }: OfferToDaemon, becoming: LegPolicy): void {
    const from = otherLeg(to);
    this.text.hear(from, described);
    this.text.hold(from, becoming);
    this.words.directions[from] = described.direction;
    this.words.last[from] = { sdp, policy: policies.from };
  }

  #fieldsOf(
    { to, policies, plan, sdp }: OfferToDaemon,
    { inPlace, callPolicies, branch }: OfferOptions,
  ): BencodeDictionary {
    const { interfaces, tags } = this.#options;
    const isKnown = branch === undefined && this.words.last[to] !== undefined;
    const ofCall = callPolicies ?? (isKnown ? undefined : policies);
    const digits = this.#takesDigits(plan);
    const tag = branch ?? tags.of(to);
    return {
      ...{ 'from-tag': tags.of(otherLeg(to)), sdp, codec: plan.flags },
      ...(isKnown ? { 'to-tag': tag } : { 'via-branch': tag }),
      ...legFlags(policies.to, { role: 'offer', digits, other: policies.from, inPlace }),
      ...(ofCall === undefined ? {} : callFlags(ofCall, interfaces)),
    };
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
    const last = this.words.last[otherLeg(to)];
    if (offer === undefined || offered === undefined || last === undefined)
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `There is no offer of the ${to} to answer.`);
    // Its part in DTLS was settled when it offered: the daemon waits for its hello.
    const answer = last.sdp.replace(/^a=setup:actpass/m, 'a=setup:active');
    return this.#take(offer, narrowAnswer(offer, offered, answer));
  }

  async #take(offer: OfferToDaemon, answer: AnswerToDaemon): Promise<string> {
    if (this.#alone?.stands === true) {
      this.#alone.stands = false;
      await this.#dismiss(otherLeg(offer.to), STAND_IN);
    }
    const reply = await this.#answerDaemon(offer, answer.sdp);
    this.words.directions[offer.to] = answer.described.direction;
    this.words.last[offer.to] = { sdp: answer.sdp, policy: offer.policies.to };
    await this.#settle(offer, answer);
    return this.#tellOfferer(offer, answer.codec, reply);
  }

  #answerDaemon(
    { to, policies, plan }: OfferToDaemon,
    sdp: string,
    branch?: string,
  ): Promise<BencodeDictionary> {
    const { call, tags } = this.#options;
    const digits = this.#takesDigits(plan);
    const [offerer, answerer] = [tags.of(otherLeg(to)), branch ?? tags.of(to)];
    return call.request('answer', {
      ...{ 'from-tag': offerer, 'to-tag': answerer, 'via-branch': answerer, sdp },
      ...legFlags(policies.from, { role: 'answer', digits, other: policies.to }),
    });
  }

  /** The answer for the leg that has offered: the one that it has already, or what the daemon made. */
  async #tellOfferer(
    offer: OfferToDaemon,
    codec: CodecName,
    reply: BencodeDictionary,
  ): Promise<string> {
    const { from } = offer.policies;
    const to = otherLeg(offer.to);
    await this.#options.silenced.follow(this.words.directions);
    const before = this.#answer?.to === to ? this.#answer.sdp : undefined;
    const toPeer = narrowReply(offer, codec, sdpOf(reply));
    this.words.codecs[to] = toPeer.codec;
    const canPlay = this.#takesDigits(offer.plan);
    this.#options.digits.agree(to, from, { takesEvents: toPeer.takesEvents, canPlay });
    const sdp = before ?? this.text.take(to, toPeer.sdp, from);
    this.#answer = { to, sdp };
    await this.#options.onAgreed();
    return sdp;
  }

  /** Whether digits of ours can be put into the audio. */
  #takesDigits({ decodes, mayDecode }: CodecPlan): boolean {
    return decodes || (mayDecode && this.#options.injectDigits);
  }

  /** What the answerer chose. */
  async #settle(offer: OfferToDaemon, answer: AnswerToDaemon): Promise<void> {
    const { to, policies } = offer;
    this.words.codecs[to] = answer.codec;
    this.#options.digits.agree(to, policies.to, {
      takesEvents: answer.takesEvents,
      canPlay: this.#takesDigits(offer.plan),
    });
    // Told by the signalling: as a tone as well it would be heard twice.
    if (policies.to.dtmf === 'info')
      await this.#options.call.request('block DTMF', {
        'from-tag': this.#options.tags.of(otherLeg(to)),
      });
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
