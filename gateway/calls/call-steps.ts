import type { EndReason } from '../kernel/end-reason.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { QueueClosedError } from '../kernel/serial-queue.js';
import type { MediaSession } from '../media/media-engine.js';
import type { Device } from '../signaling/user-devices.js';
import { watchBrowsers } from './browser-watch.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { longestMs } from './call-duration.js';
import { describeParty, legPolicyOf, sideOf, type CallParty } from './call-party.js';
import type { Answered, Callout, CalloutProgress } from './callout.js';
import { EarlyAnswer } from './early-answer.js';
import { EarlyTones } from './early-tones.js';
import { endCall } from './end-call.js';
import { fromError, maxDuration, whyCancelled } from './end-reasons.js';
import { LateAnswer, offerFirst } from './late-answer.js';
import { MidCall } from './mid-call.js';
import type { RingSteps } from './ring-steps.js';
import { badAnswerCode, unusableAnswer } from './unusable-answer.js';

/**
 * What every call goes through, whoever calls whom: from its admitted INVITE until it is up. `callOut` plans and calls;
 * undefined: it has ended the call. Never rejects.
 */
export async function runCall(
  call: Call,
  context: CallContext,
  callOut: (steps: CallSteps) => Promise<Callout | undefined>,
): Promise<void> {
  try {
    const steps = new CallSteps(call, context);
    if (!steps.begin()) return;
    const callout = await callOut(steps);
    if (callout?.kind === 'refused') await steps.refuse(callout.end);
    else if (callout?.kind === 'answered') await steps.answer(callout);
  } catch (thrown) {
    // After the end, whatever was under way fails; that is not news.
    if (call.isOver || thrown instanceof QueueClosedError) return;
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    if (error.code === 'CL_INTERNAL') call.log.error({ err: thrown }, 'setting up a call failed');
    endCall(call, fromError(error, sideOf(call.caller)));
  }
}

/** The steps of one call that do not depend on who is called. */
export class CallSteps implements RingSteps {
  readonly call: Call;
  readonly context: CallContext;
  readonly #midCall: MidCall;
  readonly #tones: EarlyTones;
  /** Sessions that failed before the call was carried by them. */
  readonly #failed = new WeakMap<MediaSession, CopperlineError>();
  readonly #early: EarlyAnswer;
  #branches = 0;
  #rung = false;

  constructor(call: Call, context: CallContext) {
    this.call = call;
    this.context = context;
    this.#midCall = new MidCall(call, context, {
      open: () => this.openMedia(),
      use: (media) => {
        this.#useMedia(media);
      },
    });
    this.#tones = new EarlyTones(call, context);
    this.#early = new EarlyAnswer(call, context);
  }

  /** False when the call is over already. */
  begin(): boolean {
    this.#watchCancel();
    return !this.call.isOver;
  }

  hasDevice({ flow }: Device): boolean {
    return this.call.invite.flow?.id === flow.id;
  }

  offerFor(media: MediaSession, party: CallParty): Promise<string> {
    const { call, context } = this;
    const { offer } = call.invite;
    const from = legPolicyOf(call.caller, context.browserLeg);
    const policies = { from, to: legPolicyOf(party, context.browserLeg) };
    if (offer !== undefined) return media.offerTo('callee', offer, policies);
    return offerFirst(call, media, policies);
  }

  /**
   * A session for one way to the callee. Only the one that `call.media` names may end the call; undefined when the call was over
   * before it was open, and then it is closed.
   */
  async openMedia(): Promise<MediaSession | undefined> {
    const { call } = this;
    this.#branches += 1;
    const branch = this.#branches === 1 ? '' : `/${this.#branches}`;
    const media: MediaSession = await this.context.engine.open({
      callId: `${call.id}${branch}`,
      ownCertificate: this.#branches > 1,
      handlers: {
        onConnected: (leg) => {
          call.log.debug({ leg }, 'media connected');
        },
        onDigit: (report) => {
          if (call.media === media) this.#midCall.onDigit(report);
        },
        onPrompt: (from) => {
          if (call.media === media) this.#midCall.onPrompt(from);
        },
        onQuality: (quality) => {
          if (call.media === media && call.is('up'))
            call.events.emit('quality', call.view(), quality);
        },
        onRejected: (rejection) => {
          if (!call.isOver) call.log.warn(rejection, 'packets are dropped');
        },
        onFailed: (error) => {
          if (call.media === media) this.#onMediaFailed(error);
          else if (error.code !== 'CL_MEDIA_TIMEOUT') this.#failed.set(media, error);
        },
      },
    });
    if (!call.isOver) return media;
    call.inBackground(media.close());
    return undefined;
  }

  #useMedia(media: MediaSession): void {
    this.call.media = media;
    const failed = this.#failed.get(media);
    if (failed !== undefined) this.#onMediaFailed(failed);
  }

  /** Before each INVITE to somebody. */
  onInviting(): void {
    this.call.mark('dialledMs');
    if (this.call.is('new')) this.call.transition('dialling');
  }

  /** 180 and other 18x go on as they are; SDP in any of them becomes early media, sent as 183. */
  onProgress(progress: CalloutProgress, media: MediaSession): void {
    this.call.queue.run(() => this.#relayProgress(progress, media)).catch(() => undefined);
  }

  /** Somebody is rung: the caller is told once, however many ring. */
  onRinging(media: MediaSession): void {
    if (this.#rung) return;
    this.#rung = true;
    const { call } = this;
    const told = call.queue.run(async () => {
      if (call.isOver || !call.is('dialling', 'ringing')) return;
      const sdp = await this.#tones.ring(media);
      this.#markRinging();
      if (sdp === undefined) call.invite.progress(180);
      else this.#early.tell(sdp);
    });
    told.catch(() => undefined);
  }

  release(media: MediaSession): void {
    if (this.#tones.host !== media) this.call.inBackground(media.close());
  }

  /** Nobody takes the call: the caller hears a tone first, where that is asked for. */
  async refuse(end: EndReason): Promise<void> {
    const { call } = this;
    const told = await call.queue.run(async () => {
      const tone = await this.#tones.refuse(end, () => this.openMedia());
      if (tone !== undefined && !call.isOver) this.#early.tell(tone.sdp);
      return tone;
    });
    if (told === undefined || call.isOver) endCall(call, end);
    else
      call.setTimer(() => {
        endCall(call, end);
      }, told.forMs);
  }

  async answer(answered: Answered): Promise<void> {
    const { call } = this;
    const { party, dialog, answer, media, offered } = answered;
    call.media = media;
    call.mark('answeredMs');
    call.callee = party;
    this.#midCall.answered();
    dialog.setHandlers(this.#midCall.handlersFor('callee'));
    if (!call.adoptDialog('callee', dialog)) {
      call.inBackground(media.close());
      return;
    }
    if (answer === '') {
      const sentence = `The ${describeParty(party)} answered without SDP.`;
      throw new CopperlineError(badAnswerCode(party, 'CL_TRUNK_NO_SDP'), { sentence });
    }
    if (call.invite.offer === undefined) {
      if (await this.#offerLate({ party, answer, media, offered })) this.#up();
      return;
    }
    const accepted = await call.queue.run(async () => {
      call.transition('answering');
      call.media = this.#tones.host ?? media;
      const { local, callee } = await this.#tones.attach(answered).catch((thrown: unknown) => {
        throw unusableAnswer(thrown, party);
      });
      call.sdp.caller = { local, remote: call.invite.offer ?? '' };
      call.sdp.callee = callee;
      return call.invite.accept(local);
    });
    accepted.setHandlers(this.#midCall.handlersFor('caller'));
    if (call.adoptDialog('caller', accepted)) this.#up();
  }

  /** Our 200 brings the caller an offer, and its ACK the answer. False when the call ended meanwhile. */
  async #offerLate(callee: Omit<Answered, 'kind' | 'dialog'>): Promise<boolean> {
    const { call, context } = this;
    const late = new LateAnswer(call, context, this.#midCall.handlersFor('caller'));
    const accepted = await call.queue.run(async () => {
      call.transition('answering');
      return late.accept(callee).catch((thrown: unknown) => {
        throw unusableAnswer(thrown, callee.party);
      });
    });
    return call.adoptDialog('caller', accepted) && (await late.taken(accepted));
  }

  /** A browser that is away takes its transport with it; whether it comes back is decided by its WebSocket. */
  #onMediaFailed(error: CopperlineError): void {
    const { call } = this;
    const passing = error.code === 'CL_MEDIA_TRANSPORT_FAILED' || error.code === 'CL_MEDIA_TIMEOUT';
    if (passing && call.missesMedia)
      call.log.info({ sentence: error.sentence }, 'the media of a browser that is away is gone');
    else endCall(call, fromError(error));
  }

  #watchCancel(): void {
    const { call } = this;
    const onCancelled = (): void => {
      endCall(call, this.#tones.refusal ?? whyCancelled(call));
    };
    const { cancelled: signal } = call.invite;
    signal.addEventListener('abort', onCancelled, { signal: call.over.signal });
    if (signal.aborted) onCancelled();
  }

  async #relayProgress({ status, sdp }: CalloutProgress, media?: MediaSession): Promise<void> {
    const { call } = this;
    if (call.isOver || !call.is('dialling', 'ringing')) return;
    this.#markRinging();
    if (status === 180 && sdp === undefined) await this.#early.ring(media);
    else if (status !== 183) call.invite.progress(status);
    const early = await this.#earlyAnswer(sdp, media);
    // A later 18x may change the callee's side, but the caller keeps the answer it has.
    if (early !== undefined && !this.#early.isHeard) this.#early.tell(early);
    else if (status === 183) call.invite.progress(183);
  }

  #markRinging(): void {
    this.call.mark('ringingMs');
    if (this.call.is('dialling')) this.call.transition('ringing');
  }

  /** Without an offer of the caller there is nothing that early media could be an answer to. */
  async #earlyAnswer(
    sdp: string | undefined,
    media: MediaSession | undefined,
  ): Promise<string | undefined> {
    const deaf = this.call.invite.offer === undefined;
    if (sdp === undefined || media === undefined || deaf) return undefined;
    if (this.call.pledged !== undefined) return this.call.pledged;
    try {
      return await media.answerTo('caller', sdp);
    } catch (thrown) {
      // The 200 decides; without early media the call can still become a good one.
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      this.call.log.warn({ code, sentence }, 'early media cannot be used');
      return undefined;
    }
  }

  #up(): void {
    const { call } = this;
    const maxDurationMs = longestMs(call, this.context.timeouts);
    // The caller's BYE may have been waiting for its handlers.
    if (call.isOver) return;
    call.mark('upMs');
    call.transition('up');
    this.#midCall.up();
    if (maxDurationMs > 0) {
      call.setTimer(() => {
        endCall(call, maxDuration(maxDurationMs));
      }, maxDurationMs);
    }
    watchBrowsers({
      ...{ call, context: this.context, music: this.#midCall.music },
      handlersFor: (leg) => this.#midCall.handlersFor(leg),
      letGo: (leg, reason) => this.#midCall.letGo(leg, reason),
    });
  }
}
