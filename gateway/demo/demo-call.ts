import { randomInt } from 'node:crypto';
import { delay, type Clock } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { AnsweredCall, type CallLimits } from './answered-call.js';
import type { CarrierInvite } from './carrier-sip.js';
import type { CallListener } from './call-events.js';
import { MediaSession } from './media-session.js';
import { behaviourOf, type Behaviour } from './number-plan.js';
import type { Prompts } from './prompts.js';
import { RtpEndpoint } from './rtp-endpoint.js';
import { answerOffer, type DemoCodec, type Negotiated } from './sdp-answer.js';

export interface CallContext {
  /** Where RTP is received, and what the SDP says. */
  host: string;
  prompts: Prompts;
  clock: Clock;
  log: Log;
  limits: CallLimits;
  listener: CallListener;
}

/** A caller who neither gets an answer nor gives up (RFC 3261 section 16.6 item 11: timer C). */
const SILENT_FOR_MS = 180_000;

/** One call, from its INVITE to its end, as the dialled number asks. */
export class DemoCall {
  readonly #invite: CarrierInvite;
  readonly #context: CallContext;
  readonly #shutdown = new AbortController();
  /** Aborted when the caller cancels or the carrier shuts down. */
  readonly #stopped: AbortSignal;
  readonly #sessionId = randomInt(1, 0x7fffffff);
  #answered: AnsweredCall | undefined;

  constructor(invite: CarrierInvite, context: CallContext) {
    this.#invite = invite;
    this.#context = context;
    this.#stopped = AbortSignal.any([invite.cancelled, this.#shutdown.signal]);
  }

  get answered(): AnsweredCall | undefined {
    return this.#answered;
  }

  /** Resolves when the call is over and everything of it is closed; never rejects. */
  async run(): Promise<void> {
    try {
      await this.#behave(behaviourOf(this.#invite.dialled));
    } catch (error) {
      // After a CANCEL nothing is left to answer, and refuse() does nothing.
      if (this.#stopped.aborted) this.#invite.refuse(503);
      else this.#refuseBecause(error);
    }
  }

  /** Ends the call with BYE, or with 503 when it is not answered yet; {@link run} then resolves. */
  hangUp(sentence: string): void {
    this.#shutdown.abort(new Error(sentence));
    this.#answered?.hangUp(sentence);
  }

  async #behave(behaviour: Behaviour): Promise<void> {
    switch (behaviour.kind) {
      case 'refuse':
        this.#invite.refuse(behaviour.status);
        return;
      case 'silent':
        await delay(this.#context.clock, SILENT_FOR_MS, this.#stopped);
        this.#invite.refuse(408);
        return;
      case 'announce':
        await this.#announce(behaviour);
        return;
      case 'answer':
        await this.#answer(behaviour);
    }
  }

  async #announce(behaviour: { status: number; codecs: readonly DemoCodec[] }): Promise<void> {
    const { endpoint, negotiated } = await this.#openMedia(behaviour.codecs);
    const media = new MediaSession({
      endpoint,
      negotiated,
      mode: 'play',
      clock: this.#context.clock,
      digitPauseMs: this.#context.limits.digitPauseMs,
      onDigit: nothing,
      onDigits: nothing,
      onTone: nothing,
    });
    const stop = (): void => {
      media.playback.stop();
    };
    this.#stopped.addEventListener('abort', stop, { once: true });
    try {
      this.#invite.progress(183, negotiated.sdp);
      media.start();
      await media.playback.play([this.#context.prompts.sentence('not-in-service')]);
      this.#stopped.throwIfAborted();
      this.#invite.refuse(behaviour.status);
    } finally {
      this.#stopped.removeEventListener('abort', stop);
      await media.close();
    }
  }

  async #answer(behaviour: Behaviour & { kind: 'answer' }): Promise<void> {
    const { endpoint, negotiated } = await this.#openMedia(behaviour.codecs);
    try {
      if (behaviour.ringMs > 0) {
        this.#invite.progress(180);
        await delay(this.#context.clock, behaviour.ringMs, this.#stopped);
      }
      this.#answered = new AnsweredCall({
        ...this.#context,
        invite: this.#invite,
        service: behaviour.service,
        endpoint,
        negotiated,
        renegotiate: (offer, version) =>
          this.#negotiate(offer, { codecs: [negotiated.codec], port: endpoint.port, version }),
      });
      await this.#answered.run();
    } finally {
      await endpoint.close();
    }
  }

  /** @throws CopperlineError CL_DEMO_OFFER_UNACCEPTABLE, CL_DEMO_NO_RTP_PORT */
  async #openMedia(
    codecs: readonly DemoCodec[],
  ): Promise<{ endpoint: RtpEndpoint; negotiated: Negotiated }> {
    const endpoint = await RtpEndpoint.open(this.#context.host);
    try {
      this.#stopped.throwIfAborted();
      const { offer } = this.#invite;
      return {
        endpoint,
        negotiated: this.#negotiate(offer, { codecs, port: endpoint.port, version: 1 }),
      };
    } catch (error) {
      await endpoint.close();
      throw error;
    }
  }

  #negotiate(
    offer: string,
    how: { codecs: readonly DemoCodec[]; port: number; version: number },
  ): Negotiated {
    return answerOffer(offer, {
      codecs: how.codecs,
      local: { host: this.#context.host, port: how.port },
      sessionId: this.#sessionId,
      version: how.version,
    });
  }

  #refuseBecause(thrown: unknown): void {
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    this.#context.log.info(
      { callId: this.#invite.callId, code: error.code },
      `demo carrier: call refused: ${error.sentence}`,
    );
    this.#invite.refuse(error.sipStatus, error.sentence);
  }
}

function nothing(): void {
  // Nobody listens to the caller before the answer.
}
