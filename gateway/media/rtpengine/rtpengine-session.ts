import type { Clock } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import { toCopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import {
  type CodecName,
  type DigitFate,
  type DigitToSend,
  type LegName,
  type LegPolicy,
  type MediaSession,
  type MediaSessionOptions,
  type MediaStatistics,
  otherLeg,
} from '../media-engine.js';
import { type Direction, sends } from '../sdp/direction.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { sdpError } from '../sdp/sdp-errors.js';
import type { BencodeDictionary } from './bencode.js';
import { type OwnCounters, readCounters, statisticsOf } from './call-counters.js';
import { CallDigits } from './call-digits.js';
import type { CodecPlan } from './codec-plan.js';
import { CallWatch } from './call-watch.js';
import { DaemonCall } from './daemon-call.js';
import type { DaemonPool } from './daemon-pool.js';
import type { HeardDigit } from './digit-listener.js';
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
import { SilencedLegs } from './silenced-legs.js';
import { closed, sdpOf, unsupported } from './session-errors.js';

export interface RtpengineSessionOptions extends MediaSessionOptions {
  /** Towards rtpengine; holds a random part. */
  id: string;
  pool: DaemonPool;
  interfaces: InterfaceNames | undefined;
  injectDigits: boolean;
  timeoutMs: number;
  log: Log;
  clock: Clock;
  onClosed(): void;
}

/** How the offer of `to` was answered; no SDP when that was another offer of it. */
interface Answered {
  to: LegName;
  sdp: string | undefined;
}

/** The media of one call on one daemon. */
export class RtpengineSession implements MediaSession {
  readonly #options: RtpengineSessionOptions;
  readonly #call: DaemonCall;
  readonly #watch: CallWatch;
  readonly #queue = new SerialQueue();
  readonly #text = new OwnText();
  readonly #codecs: Partial<Record<LegName, CodecName>> = {};
  readonly #digits: CallDigits;
  readonly #directions: Partial<Record<LegName, Direction>> = {};
  readonly #silenced: SilencedLegs;
  #offer: OfferToDaemon | undefined;
  /** What the daemon made of #offer. */
  #offered: PeerDescription | undefined;
  #answer: Answered | undefined;
  #lost: CopperlineError | undefined;
  #closing: Promise<MediaStatistics> | undefined;

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE */
  constructor(options: RtpengineSessionOptions) {
    this.#options = options;
    const { id, pool, handlers, timeoutMs, clock } = options;
    this.#call = new DaemonCall({
      id,
      pool,
      onLost: (error) => {
        this.#fail(error);
      },
    });
    this.#digits = new CallDigits({
      clock,
      play: (fields) => this.#call.request('play DTMF', fields),
    });
    this.#silenced = new SilencedLegs((command, leg) =>
      this.#call.request(command, { 'from-tag': leg }),
    );
    this.#watch = new CallWatch({
      timeoutMs,
      clock,
      look: async () => readCounters(await this.#call.request('query')),
      maySend: (leg) => this.#maySend(leg),
      onConnected: (leg) => {
        handlers.onConnected(leg);
      },
      onFailed: (error) => {
        if (this.#lost === undefined && this.#closing === undefined) handlers.onFailed(error);
      },
    });
  }

  /** RTP and RTCP ports of the daemon that the call holds. */
  get ports(): number {
    return this.#closing === undefined ? this.#text.ports : 0;
  }

  offerTo(
    to: LegName,
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    return this.#run(() => {
      const isNextRoute = this.#offer?.source === offer && this.#offer.to === to;
      const inUse = isNextRoute ? undefined : this.#codecs[to];
      return this.#offerTo(narrowOffer(to, offer, { ...policies, inUse }));
    });
  }

  offerAlone(): Promise<string> {
    return Promise.reject(unsupported('offer without an offer of the caller'));
  }

  answerTo(to: LegName, answer: string): Promise<string> {
    return this.#run(() => this.#answerTo(to, answer));
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]> {
    return this.#run(() => this.#digits.send(to, digits));
  }

  answerAlone(): Promise<string> {
    return Promise.reject(unsupported('answer a leg alone'));
  }

  play(): Promise<void> {
    return Promise.reject(unsupported('play sounds'));
  }

  stopPlaying(): Promise<void> {
    return Promise.resolve();
  }

  renewalOffer(): Promise<string> {
    return Promise.reject(unsupported('offer a call anew'));
  }

  renewWithAnswer(): Promise<void> {
    return Promise.reject(unsupported('renew a leg'));
  }

  renewWithOffer(): Promise<string> {
    return Promise.reject(unsupported('renew a leg'));
  }

  statistics(): Promise<MediaStatistics> {
    return this.#run(async () => {
      if (!this.#call.begun) return statisticsOf({}, this.#own);
      return statisticsOf(await this.#call.request('query'), this.#own);
    });
  }

  close(): Promise<MediaStatistics> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A digit that the daemon heard; the caller of this knows that it belongs to this call. */
  hear(digit: HeardDigit): void {
    if (this.#closing !== undefined) return;
    const report = this.#digits.heard(digit);
    if (report !== undefined) this.#options.handlers.onDigit(report);
  }

  get #own(): OwnCounters {
    const { heardOf, playedTo, droppedFor } = this.#digits;
    return { codecs: this.#codecs, heardOf, playedTo, droppedFor };
  }

  async #offerTo(offer: OfferToDaemon): Promise<string> {
    const { to, policies, plan } = offer;
    const first = !this.#call.begun;
    const fields: BencodeDictionary = {
      'from-tag': otherLeg(to),
      ...(this.#answer === undefined ? {} : { 'to-tag': to }),
      sdp: offer.sdp,
      codec: plan.flags,
      ...legFlags(policies.to, { role: 'offer', digits: this.#takesDigits(plan) }),
      ...(first ? callFlags(policies, this.#options.interfaces) : {}),
    };
    const reply = await this.#call.begin(fields);
    const toPeer = orderOffer(offer, sdpOf(reply));
    // The next route gets the same offer again; only another offer asks for another answer.
    const isNew = this.#offer?.source !== offer.source || this.#offer.to !== to;
    if (isNew && this.#answer !== undefined) this.#answer = { to, sdp: undefined };
    this.#offer = offer;
    this.#offered = toPeer.described;
    this.#text.hear(otherLeg(to), offer.described);
    this.#directions[otherLeg(to)] = offer.described.direction;
    return this.#text.take(to, toPeer.sdp, policies.to);
  }

  async #answerTo(to: LegName, source: string): Promise<string> {
    const [offer, offered] = [this.#offer, this.#offered];
    if (offer === undefined || offered === undefined || offer.to === to) {
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `There is no offer of the ${to} to answer.`);
    }
    const answer = narrowAnswer(offer, offered, source);
    const reply = await this.#call.request('answer', {
      'from-tag': to,
      'to-tag': offer.to,
      sdp: answer.sdp,
      ...legFlags(offer.policies.from, { role: 'answer', digits: this.#takesDigits(offer.plan) }),
    });
    this.#directions[offer.to] = answer.described.direction;
    await this.#settle(offer, answer);
    await this.#silenced.follow(this.#directions);
    this.#watch.start();
    const before = this.#answer?.to === to ? this.#answer.sdp : undefined;
    const toPeer = narrowReply(offer, answer.codec, sdpOf(reply));
    this.#codecs[to] = toPeer.codec;
    this.#digits.agree(to, offer.policies.from, {
      takesEvents: toPeer.takesEvents,
      canPlay: this.#takesDigits(offer.plan),
    });
    const sdp = before ?? this.#text.take(to, toPeer.sdp, offer.policies.from);
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
    this.#codecs[to] = answer.codec;
    this.#digits.agree(to, policies.to, {
      takesEvents: answer.takesEvents,
      canPlay: this.#takesDigits(offer.plan),
    });
    // Told by the signalling: as a tone as well it would be heard twice.
    if (policies.to.dtmf === 'info')
      await this.#call.request('block DTMF', { 'from-tag': otherLeg(to) });
    else if (!answer.takesEvents && policies.to.dtmf !== 'inband') this.#warnOfDigits(to);
  }

  #warnOfDigits(leg: LegName): void {
    const { log, callId } = this.#options;
    log.warn(
      { callId },
      `The ${leg} takes no telephone-event under the payload type that was offered; no digits can pass in the media`,
    );
  }

  #maySend(leg: LegName): boolean | undefined {
    const own = this.#directions[leg];
    const other = this.#directions[otherLeg(leg)];
    if (own === undefined || other === undefined) return undefined;
    return sends(own) && other !== 'sendonly' && other !== 'inactive';
  }

  #run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return this.#queue.run(async () => {
      if (this.#closing !== undefined) throw closed();
      if (this.#lost !== undefined) throw this.#lost;
      try {
        return await task();
      } catch (error) {
        throw toCopperlineError(error, 'CL_INTERNAL');
      }
    });
  }

  #fail(error: CopperlineError): void {
    if (this.#lost !== undefined || this.#closing !== undefined) return;
    this.#lost = error;
    this.#watch.stop();
    this.#options.handlers.onFailed(error);
  }

  async #close(): Promise<MediaStatistics> {
    this.#watch.stop();
    // After what runs, so that an offer on its way leaves no call behind.
    const reply = await this.#queue.run(() => this.#call.end());
    this.#options.onClosed();
    return statisticsOf(reply, this.#own);
  }
}
