import { CopperlineError } from '../../kernel/errors.js';
import { DigitExchange } from '../dtmf/digit-exchange.js';
import {
  otherLeg,
  type CodecName,
  type DigitFate,
  type DigitToSend,
  type LegName,
  type LegPolicy,
  type MediaStatistics,
  type Sound,
} from '../media-engine.js';
import { limitedByOffer } from '../sdp/direction.js';
import {
  codecForOfferer,
  codecOfAnswer,
  codecsToOffer,
  favouriteCodec,
  noiseToAnswer,
  noiseToOffer,
} from '../sdp/negotiate.js';
import { parseSdp } from '../sdp/parse-sdp.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import {
  agreementOfAnswerer,
  agreementOfOfferer,
  answerText,
  formatsToOffer,
  namesOf,
} from './leg-description.js';
import { createSide } from './create-side.js';
import { checkPeer } from './check-peer.js';
import type { Exchange, OwnAnswer, Side } from './exchange.js';
import { LegRenewal } from './leg-renewal.js';
import { statisticsOf } from './leg-statistics.js';
import { MediaWatch } from './media-watch.js';
import { OfferAlone } from './offer-alone.js';
import type { RelaySessionOptions } from './session-options.js';
import { SessionSounds } from './session-sounds.js';

/** The media of one call inside a worker. See MediaSession for the contract. */
export class RelaySession {
  readonly #options: RelaySessionOptions;
  readonly #sides: Partial<Record<LegName, Side>> = {};
  readonly #watch: MediaWatch;
  readonly renewal: LegRenewal;
  readonly alone: OfferAlone;
  #exchange: Exchange | undefined;
  #connected = new Set<LegName>();
  #failed = false;
  #closed: MediaStatistics | undefined;
  readonly #digits: DigitExchange;
  /** The last answer of ours that had no other leg behind it. */
  #alone: { to: LegName; offerText: string; text: string } | undefined;
  readonly #sounds: SessionSounds;

  constructor(options: RelaySessionOptions) {
    this.#options = options;
    this.#digits = new DigitExchange({
      clock: options.resources.clock,
      playerOf: (leg) => this.#sides[leg]?.leg.digits,
      onDigit: (report) => {
        if (this.#closed === undefined) options.handlers.onDigit(report);
      },
    });
    this.#sounds = new SessionSounds({
      files: options.resources.soundFiles,
      legOf: (leg) => this.#sides[leg]?.leg,
      onPlayed: (leg) => {
        if (this.#closed === undefined) options.handlers.onPlayed?.(leg);
      },
    });
    this.#watch = new MediaWatch({
      clock: options.resources.clock,
      timeoutMs: options.timeoutMs,
      legs: () => Object.values(this.#sides).map((side) => side.leg),
      onTimeout: this.#fail,
      onQuality: (quality) => options.handlers.onQuality?.(quality),
    });
    this.alone = new OfferAlone({
      open: async (to, policy) => {
        this.#refuseWhenClosed();
        const side = this.#newSide(to, policy);
        await this.#prepare(side);
        this.#install(to, side);
        return side;
      },
      watch: this.#watch,
    });
    this.renewal = new LegRenewal({
      sideOf: (leg) => {
        this.#refuseWhenClosed();
        return this.#sides[leg];
      },
      watch: this.#watch,
      onRenewed: this.#renewed,
    });
  }

  async offerTo(
    to: LegName,
    offerText: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    this.#refuseWhenClosed();
    const offer = parseSdp(offerText, policies.from.kind, policies.from.srtp);
    checkPeer(offer, policies.from);
    const codecs = codecsToOffer(offer, policies);
    const settle = this.alone.answered(otherLeg(to), offer);
    const current = this.#sides[to];
    const keep = current !== undefined && current.calledWith !== offerText;
    const side = keep ? current : this.#newSide(to, policies.to, offerText);
    const formats = formatsToOffer(codecs, side.remote, policies.to.dtmf);
    await this.#prepare(side);
    if (keep) this.#callStands();
    else this.#install(to, side);
    side.leg.policy = policies.to;
    const comfortNoise = noiseToOffer(offer, policies, codecs);
    const offered = { ...formats, comfortNoise, direction: offer.direction };
    settle?.();
    const answered = settle === undefined ? this.#answeredAlone(to, offerText) : '';
    this.#exchange = { to, offer, offerText, offered, policies, answered };
    return side.link.write({ ...offered, answering: undefined });
  }

  async answerTo(to: LegName, answerText: string): Promise<string> {
    this.#refuseWhenClosed();
    const exchange = this.#exchange;
    const from = otherLeg(to);
    const answerer = this.#sides[from];
    if (exchange?.to !== from || answerer === undefined) {
      throw new CopperlineError('CL_MEDIA_SDP_NO_OFFER', {
        sentence: `An answer came from the ${from}, but no offer was made to it.`,
      });
    }
    const answer = parseSdp(answerText, exchange.policies.to.kind, exchange.policies.to.srtp);
    const chosen = codecOfAnswer(answer, namesOf(exchange.offered));
    const heard = exchange.answered === '' ? this.#sides[to] : undefined;
    const offerer = heard ?? (await this.#offererSide(to, exchange.offer, exchange.policies.from));
    answerer.link.connect(answer, 'answer');
    answerer.remote = answer;
    answerer.leg.agree(agreementOfAnswerer(answer, chosen, exchange.offered));
    this.#watch.start();
    const text =
      exchange.answered ?? this.#firstAnswer(exchange, offerer, { chosen: chosen.codec, answer });
    offerer.leg.matchCodecs();
    answerer.leg.matchCodecs();
    return text;
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): DigitFate[] {
    this.#refuseWhenClosed();
    return this.#digits.send(to, digits);
  }

  async answerAlone(to: LegName, offerText: string, policy: LegPolicy): Promise<string> {
    this.#refuseWhenClosed();
    const offer = parseSdp(offerText, policy.kind, policy.srtp);
    const codec = favouriteCodec(offer, policy);
    const side = await this.#offererSide(to, offer, policy);
    const direction = limitedByOffer('sendrecv', offer.direction);
    const comfortNoise = policy.comfortNoise === true;
    const text = this.#writeAnswer(side, offer, { codec, direction, comfortNoise });
    this.#alone = { to, offerText, text };
    const exchange = this.#exchange;
    if (exchange?.to === otherLeg(to) && exchange.offerText === offerText) exchange.answered = text;
    side.leg.matchCodecs();
    this.#watch.start();
    return text;
  }

  async play(to: LegName, sound: Sound): Promise<void> {
    this.#refuseWhenClosed();
    await this.#sounds.play(to, sound);
    this.#refuseWhenClosed();
  }

  stopPlaying(to: LegName): void {
    this.#refuseWhenClosed();
    this.#sounds.stop(to);
  }

  statistics(): MediaStatistics {
    return (
      this.#closed ?? {
        caller: statisticsOf(this.#sides.caller?.leg, this.#watch),
        callee: statisticsOf(this.#sides.callee?.leg, this.#watch),
      }
    );
  }

  close(): MediaStatistics {
    if (this.#closed !== undefined) return this.#closed;
    const final = this.statistics();
    this.#closed = final;
    this.#watch.stop();
    this.#sounds.close();
    for (const side of Object.values(this.#sides)) side.link.close();
    return final;
  }

  /** Answers the offer once; later answers of the other side (183, then 200) leave this text as it is. */
  #firstAnswer(
    exchange: Exchange,
    offerer: Side,
    { chosen, answer }: { chosen: CodecName; answer: PeerDescription },
  ): string {
    const codec = codecForOfferer(exchange.offer, chosen, exchange.policies);
    const direction = limitedByOffer(answer.direction, exchange.offer.direction);
    const comfortNoise = noiseToAnswer(exchange.policies, codec, this.#sides[exchange.to]?.leg);
    const own: OwnAnswer = { codec, direction, comfortNoise };
    return (exchange.answered = this.#writeAnswer(offerer, exchange.offer, own));
  }

  #writeAnswer(side: Side, offer: PeerDescription, { codec, ...answer }: OwnAnswer): string {
    const agreement = agreementOfOfferer(offer, codec, answer);
    side.leg.agree(agreement);
    return side.link.write(answerText(agreement, offer));
  }

  /** The leg that made the offer which is answered now, with its transport; made when it is its first. */
  async #offererSide(to: LegName, offer: PeerDescription, policy: LegPolicy): Promise<Side> {
    const known = this.#sides[to];
    const side = known ?? this.#newSide(to, policy);
    await this.#prepare(side);
    side.leg.policy = policy;
    try {
      side.link.connect(offer, 'offer');
    } catch (error) {
      if (known === undefined) side.link.close();
      throw error;
    }
    if (known === undefined) this.#install(to, side);
    side.remote = offer;
    return side;
  }

  async #prepare(side: Side): Promise<void> {
    await side.link.prepare();
    if (this.#closed !== undefined) side.link.close();
    this.#refuseWhenClosed();
  }

  #answeredAlone(to: LegName, offerText: string): string | undefined {
    const alone = this.#alone;
    return alone?.to === otherLeg(to) && alone.offerText === offerText ? alone.text : undefined;
  }

  /** What was on its way before knew nothing of the leg's new transport. */
  readonly #renewed = (): void => {
    this.#exchange = this.#alone = undefined;
    this.#callStands();
  };

  /** A re-offer came: from now on no offer is a next route. */
  #callStands(): void {
    this.#failed = false;
    for (const side of Object.values(this.#sides)) side.calledWith = undefined;
  }

  #newSide(name: LegName, policy: LegPolicy, calledWith?: string): Side {
    return createSide(this.#options, {
      ...{ name, policy, calledWith, digits: this.#digits },
      onConnected: () => {
        this.#tellConnected(name);
      },
      onFailed: this.#fail,
      onRejected: (rejection) => {
        if (this.#closed === undefined) this.#options.handlers.onRejected?.(rejection);
      },
    });
  }

  #install(name: LegName, side: Side): void {
    const [before, other] = [this.#sides[name]?.link, this.#sides[otherLeg(name)]?.leg];
    this.#sides[name] = side;
    side.leg.other = other;
    if (other !== undefined) other.other = side.leg;
    before?.close();
    if (before !== undefined) this.#failed = false; // What failed was of the leg before.
    this.#sounds.adopt(side.leg);
  }

  #tellConnected(leg: LegName): void {
    if (this.#connected.has(leg) || this.#closed !== undefined) return;
    this.#connected.add(leg);
    this.#options.handlers.onConnected(leg);
  }

  readonly #fail = (error: CopperlineError): void => {
    if (this.#failed || this.#closed !== undefined) return;
    this.#failed = error.code !== 'CL_MEDIA_TIMEOUT';
    this.#options.handlers.onFailed(error);
  };

  #refuseWhenClosed(): void {
    const sentence = 'The media session is closed.';
    if (this.#closed !== undefined) throw new CopperlineError('CL_MEDIA_CLOSED', { sentence });
  }
}
