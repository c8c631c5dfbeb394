import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { QueueClosedError } from '../kernel/serial-queue.js';
import type { LegPolicy, MediaSession } from '../media/media-engine.js';
import type { DialogHandlers, SipDialog } from '../signaling/sip-endpoint.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import { describeParty, legPolicyOf, sideOf } from './call-party.js';
import type { Answered } from './callout.js';
import { endCall } from './end-call.js';
import { fromError } from './end-reasons.js';

/** A caller has sent an INVITE without SDP: the first offer of the call is ours, to the callee. */
export async function offerFirst(
  call: Call,
  media: MediaSession,
  policies: { from: LegPolicy; to: LegPolicy },
): Promise<string> {
  try {
    return await media.offerAlone('callee', policies);
  } catch (thrown) {
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    if (error.code !== 'CL_MEDIA_UNSUPPORTED') throw error;
    const sentence = `The INVITE of the ${describeParty(call.caller)} carries no SDP offer. ${error.sentence}`;
    throw new CopperlineError('CL_CALL_NO_OFFER', { sentence, cause: error });
  }
}

/**
 * The end of setting up a call whose caller brought no offer (RFC 3261 section 13.2.1): the callee has answered an offer of ours, our 200
 * makes the caller another one, and the ACK answers it.
 */
export class LateAnswer {
  readonly #call: Call;
  readonly #context: CallContext;
  readonly #handlers: DialogHandlers;
  #media: MediaSession | undefined;
  #offer = '';

  /** @param handlers of the caller's dialog once the call is up */
  constructor(call: Call, context: CallContext, handlers: DialogHandlers) {
    this.#call = call;
    this.#context = context;
    this.#handlers = handlers;
  }

  /** MUST run in the call's queue. @throws CopperlineError what offerTo() or accept() say */
  async accept(callee: Omit<Answered, 'kind' | 'dialog'>): Promise<SipDialog> {
    const call = this.#call;
    const { browserLeg } = this.#context;
    const { party, answer, media, offered } = callee;
    const to = legPolicyOf(call.caller, browserLeg);
    const policies = { from: legPolicyOf(party, browserLeg), to };
    this.#media = media;
    this.#offer = await media.offerTo('caller', answer, policies);
    call.sdp.callee = { local: offered, remote: answer, peerAnswered: true };
    return call.invite.accept(this.#offer);
  }

  /** Waits for the ACK; false when the call is over. */
  taken(dialog: SipDialog): Promise<boolean> {
    const call = this.#call;
    const { signal } = call.over;
    return new Promise((resolve) => {
      const settle = (): void => {
        signal.removeEventListener('abort', settle);
        resolve(!call.isOver);
      };
      signal.addEventListener('abort', settle, { once: true });
      if (call.isOver) settle();
      const onAnswer = (answer: string | undefined): void => {
        dialog.setHandlers(this.#handlers);
        call.inBackground(
          call.queue
            .run(() => this.#take(answer))
            .catch((thrown: unknown) => {
              this.#failed(thrown);
            })
            .then(settle),
        );
      };
      dialog.setHandlers({ ...this.#handlers, onAnswer });
    });
  }

  async #take(answer: string | undefined): Promise<void> {
    const call = this.#call;
    if (answer === undefined) {
      const sentence = `The ACK of the ${describeParty(call.caller)} brings no answer to the offer in our 200.`;
      throw new CopperlineError('CL_CALL_NO_OFFER', { sentence });
    }
    await this.#media?.answerTo('callee', answer);
    call.sdp.caller = { local: this.#offer, remote: answer, peerAnswered: true };
  }

  #failed(thrown: unknown): void {
    const call = this.#call;
    if (call.isOver || thrown instanceof QueueClosedError) return;
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    endCall(call, { ...fromError(error), by: sideOf(call.caller) });
  }
}
