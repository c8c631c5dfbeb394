import type { Clock } from '../../kernel/clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import { toCopperlineError } from '../../kernel/errors.js';
import type { Log } from '../../kernel/log.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import type {
  DigitFate,
  DigitToSend,
  LegName,
  LegPolicy,
  MediaSession,
  MediaSessionOptions,
  MediaStatistics,
  Sound,
} from '../media-engine.js';
import type { SoundFiles } from '../sounds/sound-files.js';
import {
  type CallCounters,
  type MeasuredLeg,
  type OwnCounters,
  readCounters,
  statisticsOf,
} from './call-counters.js';
import { CallDigits } from './call-digits.js';
import { CallSounds } from './call-sounds.js';
import { CallExchange } from './call-exchange.js';
import { CallWatch } from './call-watch.js';
import { DaemonCall } from './daemon-call.js';
import type { DaemonPool } from './daemon-pool.js';
import type { HeardDigit } from './heard-digit.js';
import type { PeerReport } from './peer-report.js';
import { CallQuality } from './call-quality.js';
import { LegTags } from './leg-tags.js';
import { LegRenewals } from './leg-renewals.js';
import type { InterfaceNames } from './ng-flags.js';
import { SilencedLegs } from './silenced-legs.js';
import { closed } from './session-errors.js';

export interface RtpengineSessionOptions extends MediaSessionOptions {
  /** Towards rtpengine; holds a random part. */
  id: string;
  pool: DaemonPool;
  interfaces: InterfaceNames | undefined;
  injectDigits: boolean;
  files: SoundFiles;
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
  readonly #tags = new LegTags();
  readonly #queue = new SerialQueue();
  readonly #digits: CallDigits;
  readonly #exchange: CallExchange;
  readonly #renewals: LegRenewals;
  readonly #sounds: CallSounds;
  readonly #quality: CallQuality;
  #lost: CopperlineError | undefined;
  #closing: Promise<MediaStatistics> | undefined;

  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE */
  constructor(options: RtpengineSessionOptions) {
    this.#options = options;
    const { id, pool, handlers, timeoutMs, files, clock } = options;
    this.#call = new DaemonCall({
      id,
      pool,
      onLost: (error) => {
        this.#fail(error);
      },
    });
    this.#digits = new CallDigits({
      clock,
      play: (from, fields) =>
        this.#call.request('play DTMF', { 'from-tag': this.#tags.of(from), ...fields }),
    });
    const tags = this.#tags;
    const silenced = new SilencedLegs((command, leg) =>
      this.#call.request(command, { 'from-tag': tags.of(leg) }),
    );
    this.#exchange = new CallExchange({
      ...{ ...options, call: this.#call, digits: this.#digits, silenced, tags },
      onAgreed: async () => {
        this.#watch.start();
        this.#quality.start();
        await this.#sounds.agreed();
      },
    });
    this.#sounds = new CallSounds({
      ...{ clock, files, silenced, log: options.log },
      request: (command, leg, fields) =>
        this.#call.request(command, { 'from-tag': tags.of(leg), ...fields }),
      codecOf: (leg) => this.#exchange.words.codecs[leg],
      takesAudio: (leg) => this.#exchange.words.takesAudio(leg),
      run: (task) => {
        this.#run(task).catch(() => undefined);
      },
      onPlayed: (leg) => handlers.onPlayed?.(leg),
    });
    this.#renewals = new LegRenewals(this.#exchange);
    const look = async (): Promise<CallCounters> =>
      readCounters(await this.#call.request('query'), tags);
    this.#quality = new CallQuality({
      ...{ clock, look },
      legAt: (port) => this.#exchange.text.legAt(port),
      codecOf: (leg) => this.#exchange.words.codecs[leg],
      problemOf: (leg) => this.#watch.problemOf(leg),
      onQuality: (quality) => handlers.onQuality?.(quality),
    });
    this.#watch = new CallWatch({
      ...{ timeoutMs, clock, look },
      kindOf: (leg) => this.#exchange.words.last[leg]?.policy.kind,
      maySend: (leg) => this.#exchange.words.maySend(leg),
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
    return this.#closing === undefined ? this.#exchange.text.ports : 0;
  }

  offerTo(
    to: LegName,
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string> {
    return this.#run(() => this.#exchange.offerTo(to, offer, policies));
  }

  offerAlone(to: LegName, policies: { from: LegPolicy; to: LegPolicy }): Promise<string> {
    return this.#run(() => this.#exchange.offerAlone(to, policies));
  }

  answerTo(to: LegName, answer: string): Promise<string> {
    return this.#run(() => this.#exchange.answerTo(to, answer));
  }

  sendDigits(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]> {
    return this.#run(() => this.#digits.send(to, digits));
  }

  answerAlone(to: LegName, offer: string, policy: LegPolicy): Promise<string> {
    return this.#run(() => this.#exchange.answerAlone(to, offer, policy));
  }

  async play(to: LegName, sound: Sound): Promise<void> {
    if (this.#closing !== undefined) throw closed();
    const begin = await this.#sounds.prepare(to, sound);
    await this.#run(begin);
  }

  stopPlaying(to: LegName): Promise<void> {
    return this.#run(this.#sounds.stop(to));
  }

  renewalOffer(to: LegName): Promise<string> {
    return this.#run(() => this.#renewals.offer(to));
  }

  renewWithAnswer(from: LegName, answer: string): Promise<void> {
    return this.#run(() => this.#renewals.takeAnswer(from, answer));
  }

  renewWithOffer(from: LegName, offer: string): Promise<string> {
    return this.#run(() => this.#renewals.takeOffer(from, offer));
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
  hear({ tag, ...digit }: HeardDigit): void {
    const leg = this.#tags.legOf(tag);
    if (this.#closing !== undefined || leg === undefined) return;
    const report = this.#digits.heard({ ...digit, leg });
    if (report !== undefined) this.#options.handlers.onDigit(report);
  }

  /** RTCP of a leg; as hear(). */
  takeReport(report: PeerReport): void {
    this.#quality.take(report);
  }

  get #own(): OwnCounters {
    const { heardOf, playedTo, droppedFor } = this.#digits;
    const { codecs } = this.#exchange.words;
    const measured = (leg: LegName): MeasuredLeg => this.#quality.of(leg);
    return { tags: this.#tags, codecs, heardOf, playedTo, droppedFor, measured };
  }

  #stop(): void {
    this.#watch.stop();
    this.#quality.stop();
    this.#sounds.close();
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
    this.#stop();
    this.#options.handlers.onFailed(error);
  }

  async #close(): Promise<MediaStatistics> {
    this.#stop();
    // After what runs, so that an offer on its way leaves no call behind.
    const reply = await this.#queue.run(() => this.#call.end());
    this.#options.onClosed();
    return statisticsOf(reply, this.#own);
  }
}
