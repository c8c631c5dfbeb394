import type { Clock, Timer } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { CallListener, DemoCallView } from './call-events.js';
import type { CarrierDialog, CarrierInvite } from './carrier-sip.js';
import type { DigitReport, DtmfReport } from './dtmf-report.js';
import { Ivr } from './ivr.js';
import { MediaSession } from './media-session.js';
import type { Service } from './number-plan.js';
import type { Prompts } from './prompts.js';
import type { RtpEndpoint } from './rtp-endpoint.js';
import type { Negotiated } from './sdp-answer.js';
import { toneAudio } from './tone-audio.js';
import { ToneWatch } from './tone-watch.js';

export interface CallLimits {
  /** A pause this long completes the digits that were pressed. */
  digitPauseMs: number;
  /** A caller that sends no RTP for this long, without having said so, is gone. */
  silenceMs: number;
  /** After this the carrier says goodbye and hangs up. */
  maxCallMs: number;
}

export interface AnsweredCallOptions {
  invite: CarrierInvite;
  service: Service;
  /** Closed by whoever opened it. */
  endpoint: RtpEndpoint;
  negotiated: Negotiated;
  /** Answers a re-INVITE. @throws CopperlineError */
  renegotiate: (offer: string, version: number) => Negotiated;
  prompts: Prompts;
  clock: Clock;
  log: Log;
  limits: CallLimits;
  listener: CallListener;
}

export const REPORT_CONTENT_TYPE = 'application/vnd.copperline.dtmf-report+json';

const TONE = toneAudio(440);

/** A call from its 200 on: media, the service behind the number, and the reports. */
export class AnsweredCall {
  readonly #options: AnsweredCallOptions;
  readonly #media: MediaSession;
  readonly #ivr: Ivr | undefined;
  readonly #timers = new Set<Timer>();
  readonly #over: Promise<string>;
  #end: (sentence: string) => void = () => undefined;
  #dialog: CarrierDialog | undefined;
  #version = 1;

  constructor(options: AnsweredCallOptions) {
    this.#options = options;
    this.#over = new Promise((resolve) => {
      this.#end = resolve;
    });
    const tones = new ToneWatch((tone) => {
      options.listener.onTone(this.view, tone);
    });
    this.#media = new MediaSession({
      endpoint: options.endpoint,
      negotiated: options.negotiated,
      mode: options.service === 'echo' ? 'echo' : 'play',
      clock: options.clock,
      digitPauseMs: options.limits.digitPauseMs,
      onDigit: () => this.#ivr?.interrupt(),
      onDigits: (digits) => void this.#report(digits),
      onTone: (reading) => {
        tones.block(reading);
      },
    });
    if (options.service === 'ivr') this.#ivr = new Ivr(this.#media.playback, options.prompts);
    if (options.service === 'tone') this.#media.playback.setBackground(TONE);
  }

  get view(): DemoCallView {
    const { callId, dialled } = this.#options.invite;
    const { codec } = this.#media.negotiated;
    return { callId, dialled, codec, rtp: this.#media.counts, hears: this.#media.hears };
  }

  /** Answers, serves, and resolves when the call is over and its media closed. */
  async run(): Promise<void> {
    const { invite, negotiated, listener } = this.#options;
    try {
      const dialog = await invite.answer(negotiated.sdp, {
        onEnd: this.#end,
        onReoffer: (offer) => this.#reoffer(offer),
        onAnswer: (answer) => {
          this.#answered(answer);
        },
      });
      if (dialog === undefined) return;
      this.#dialog = dialog;
      this.#media.start();
      listener.onAnswered(this.view);
      this.#watch();
      void this.#ivr?.greet();
      const sentence = await this.#over;
      await this.#media.close();
      // A no-op when the caller hung up first.
      await dialog.bye(sentence);
      listener.onEnded(this.view, sentence);
    } finally {
      for (const timer of this.#timers) timer.cancel();
      await this.#media.close();
    }
  }

  /** Makes {@link run} end the call with BYE. */
  hangUp(sentence: string): void {
    this.#end(sentence);
  }

  #reoffer(offer: string): string {
    // RFC 3261 section 14.2: a re-INVITE without offer is answered with what we have.
    if (offer === '') return this.#media.negotiated.sdp;
    return this.#take(offer).sdp;
  }

  /** An ACK cannot be refused: what cannot be used leaves the media as it was. */
  #answered(answer: string): void {
    try {
      this.#take(answer);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the answer of the caller cannot be used');
    }
  }

  /** What the peer says of its side, in an offer or an answer, counts from now on. */
  #take(sdp: string): Negotiated {
    const negotiated = this.#options.renegotiate(sdp, this.#version + 1);
    this.#version += 1;
    this.#media.renegotiate(negotiated);
    return negotiated;
  }

  async #report(digits: DigitReport[]): Promise<void> {
    const { invite, clock, listener } = this.#options;
    const { negotiated } = this.#media;
    const report: DtmfReport = {
      callId: invite.callId,
      dialled: invite.dialled,
      at: clock.now(),
      payloadType: negotiated.eventPayloadType ?? 0,
      clockRate: negotiated.clockRate,
      digits,
    };
    listener.onReport(report);
    const how = await this.#ivr?.sayBack(digits.map(({ digit }) => digit));
    // The durations of every packet would make the request longer than a datagram should be.
    const short = digits.map(({ durations: _, ...rest }) => rest);
    const body = JSON.stringify({ ...report, digits: short });
    if (how === 'done') void this.#ivr?.askAgain();
    await this.#dialog?.info(REPORT_CONTENT_TYPE, body);
  }

  #watch(): void {
    const { silenceMs, maxCallMs } = this.#options.limits;
    this.#after(silenceMs, () => {
      this.#checkSilence();
    });
    this.#after(maxCallMs, () => void this.#sayGoodbye());
  }

  #checkSilence(): void {
    const { clock, limits } = this.#options;
    const quietMs = clock.monotonic() - this.#media.lastReceivedAt;
    const left = limits.silenceMs - quietMs;
    // A caller on hold may well be silent.
    const expected = this.#media.negotiated.receiving;
    if (left <= 0 && expected) {
      this.hangUp(`No RTP came for ${Math.round(quietMs / 1000)} s.`);
      return;
    }
    this.#after(left > 0 ? left : limits.silenceMs, () => {
      this.#checkSilence();
    });
  }

  async #sayGoodbye(): Promise<void> {
    await this.#ivr?.sayGoodbye();
    this.hangUp('The call reached its longest duration.');
  }

  #after(ms: number, callback: () => void): void {
    const timer = this.#options.clock.setTimer(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
  }
}
