import type { Clock } from '../../kernel/clock.js';
import { CopperlineError, toCopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import {
  type LegName,
  type LegPolicy,
  type MediaSession,
  type MediaSessionOptions,
  type MediaStatistics,
  otherLeg,
} from '../media-engine.js';
import { type Direction, sends } from '../sdp/direction.js';
import { sdpError } from '../sdp/sdp-errors.js';
import type { BencodeDictionary } from './bencode.js';
import { type OwnCounters, readCounters, statisticsOf } from './call-counters.js';
import { CallWatch } from './call-watch.js';
import { DaemonCall } from './daemon-call.js';
import type { DaemonPool } from './daemon-pool.js';
import type { HeardDigit } from './digit-listener.js';
import { narrowAnswer, narrowOffer, type OfferToDaemon } from './negotiation.js';
import { callFlags, type InterfaceNames, legFlags } from './ng-flags.js';
import { OwnText } from './own-text.js';

export interface RtpengineSessionOptions extends MediaSessionOptions {
  /** Towards rtpengine; holds a random part. */
  id: string;
  pool: DaemonPool;
  interfaces: InterfaceNames | undefined;
  timeoutMs: number;
  log: Log;
  clock: Clock;
  onClosed(): void;
}

/** The media of one call on one daemon. */
export class RtpengineSession implements MediaSession {
  readonly #options: RtpengineSessionOptions;
  readonly #call: DaemonCall;
  readonly #watch: CallWatch;
  readonly #queue = new SerialQueue();
  readonly #text = new OwnText();
  readonly #own: OwnCounters = {
    codec: undefined,
    digits: { caller: 0, callee: 0 },
    takesDigits: { caller: false, callee: false },
  };
  readonly #directions: Partial<Record<LegName, Direction>> = {};
  #offer: OfferToDaemon | undefined;
  #answer: { to: LegName; codec: string; sdp: string } | undefined;
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
    this.#watch = new CallWatch({
      timeoutMs,
      clock,
      look: async () => readCounters(await this.#call.request('query')),
      maySend: (leg) => this.#maySend(leg),
      onConnected: (leg) => {
        handlers.onConnected(leg);
      },
      onFailed: (error) => {
        this.#fail(error);
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
    return this.#run(() => this.#offerTo(narrowOffer(to, offer, policies)));
  }

  answerTo(to: LegName, answer: string): Promise<string> {
    return this.#run(() => this.#answerTo(to, answer));
  }

  /** Streams that are passed on have no room for digits of ours: all are left to the signalling. */
  sendDigits(_to: LegName, digits: readonly { digit: string }[]): Promise<'untaken'[]> {
    return this.#run(() => Promise.resolve(digits.map(() => 'untaken' as const)));
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
  hear({ leg, digit, durationMs }: HeardDigit): void {
    if (this.#closing !== undefined) return;
    this.#own.digits[leg] += 1;
    const report = { from: leg, digit, durationMs, carried: this.#own.takesDigits[otherLeg(leg)] };
    this.#options.handlers.onDigit(report);
  }

  async #offerTo(offer: OfferToDaemon): Promise<string> {
    const { to, policies } = offer;
    const first = !this.#call.begun;
    const fields: BencodeDictionary = {
      'from-tag': otherLeg(to),
      ...(this.#answer === undefined ? {} : { 'to-tag': to }),
      sdp: offer.sdp,
      ...legFlags(policies.to, 'offer'),
      ...(first ? callFlags(policies, this.#options.interfaces) : {}),
    };
    const reply = await this.#call.begin(fields);
    // The next route gets the same offer again; only another offer asks for another answer.
    if (this.#offer?.source !== offer.source || this.#offer.to !== to)
      this.#answer = this.#kept(to);
    this.#offer = offer;
    this.#text.hear(otherLeg(to), offer.described);
    this.#directions[otherLeg(to)] = offer.described.direction;
    return this.#text.take(to, sdpOf(reply), policies.to);
  }

  async #answerTo(to: LegName, source: string): Promise<string> {
    const offer = this.#offer;
    if (offer === undefined || offer.to === to) {
      throw sdpError('CL_MEDIA_SDP_NO_OFFER', `There is no offer of the ${to} to answer.`);
    }
    const answer = narrowAnswer(offer, source);
    const before = this.#answer?.to === to ? this.#answer : undefined;
    if (before !== undefined && before.sdp !== '' && before.codec !== answer.codec) {
      throw sdpError(
        'CL_MEDIA_NO_COMMON_CODEC',
        `The ${offer.to} now chose ${answer.codec}, but the ${to} was answered with ${before.codec}.`,
      );
    }
    const reply = await this.#call.request('answer', {
      'from-tag': to,
      'to-tag': offer.to,
      sdp: answer.sdp,
      ...legFlags(offer.policies.from, 'answer'),
    });
    this.#directions[offer.to] = answer.described.direction;
    this.#own.codec = answer.codec;
    this.#own.takesDigits = { caller: answer.digits, callee: answer.digits };
    if (!answer.digits) this.#warnOfDigits(offer.to);
    this.#watch.start();
    const kept = before !== undefined && before.sdp !== '';
    const sdp = kept ? before.sdp : this.#text.take(to, sdpOf(reply), offer.policies.from);
    this.#answer = { to, codec: answer.codec, sdp };
    return sdp;
  }

  /** That there was an answer, but for another offer. */
  #kept(to: LegName): { to: LegName; codec: string; sdp: string } | undefined {
    return this.#answer === undefined ? undefined : { to, codec: '', sdp: '' };
  }

  #warnOfDigits(leg: LegName): void {
    const { log, callId } = this.#options;
    log.warn(
      { callId },
      `The ${leg} takes no telephone-event under the payload type that was offered; no digits can pass`,
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

function sdpOf(reply: BencodeDictionary): string {
  const { sdp } = reply;
  if (typeof sdp === 'string') return sdp;
  throw new CopperlineError('CL_MEDIA_RTPENGINE_REFUSED', {
    sentence: 'rtpengine answered without an SDP.',
  });
}

function closed(): CopperlineError {
  return new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
}

function unsupported(what: string): CopperlineError {
  const sentence = `The media engine rtpengine cannot ${what}.`;
  return new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
}
