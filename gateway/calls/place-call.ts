import type { Dialplan, Plan } from '../../dialplan/plan.js';
import type { EndReason } from '../kernel/end-reason.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { QueueClosedError } from '../kernel/serial-queue.js';
import type { LegPolicy, MediaEngine, MediaSession } from '../media/media-engine.js';
import type { IncomingInvite, SipEndpoint } from '../signaling/sip-endpoint.js';
import type { FindUser } from '../signaling/users.js';
import { dial, type DialProgress, type DialResult } from '../trunks/dial.js';
import type { Trunk, TrunkCaller } from '../trunks/trunk.js';
import type { Call } from './call.js';
import { endCall } from './end-call.js';
import { browserLost, cancelled, fromError, maxDuration } from './end-reasons.js';
import { MidCall } from './mid-call.js';
import { watchBrowser } from './websocket-loss.js';

export interface PlaceCallContext {
  endpoint: SipEndpoint;
  engine: MediaEngine;
  dialplan: Dialplan;
  trunks: ReadonlyMap<string, Trunk>;
  findUser: FindUser;
  /** How browsers are spoken to. */
  browserLeg: LegPolicy;
  timeouts: CallTimeouts;
}

export interface CallTimeouts {
  /** From the answer; 0 for no limit. */
  maxDurationMs: number;
  /** How long a call outlives its browser's WebSocket. */
  websocketGraceMs: number;
}

type RoutePlan = Plan & { kind: 'route' };

/** A browser calls the phone network, from its admitted INVITE until the call is up. Never rejects. */
export async function placeCall(call: Call, context: PlaceCallContext): Promise<void> {
  try {
    await new PlaceCall(call, context).run();
  } catch (thrown) {
    // After the end, whatever was under way fails; that is not news.
    if (call.isOver || thrown instanceof QueueClosedError) return;
    const error = toCopperlineError(thrown, 'CL_INTERNAL');
    if (error.code === 'CL_INTERNAL') call.log.error({ err: thrown }, 'placing a call failed');
    endCall(call, fromError(error));
  }
}

class PlaceCall {
  readonly #call: Call;
  readonly #context: PlaceCallContext;
  readonly #midCall: MidCall;

  constructor(call: Call, context: PlaceCallContext) {
    this.#call = call;
    this.#context = context;
    this.#midCall = new MidCall(call);
  }

  async run(): Promise<void> {
    const call = this.#call;
    const { offer } = call.invite;
    this.#watchCancel();
    if (call.isOver) return;
    if (offer === undefined) {
      const sentence = 'The INVITE of the browser carries no SDP offer.';
      throw new CopperlineError('CL_CALL_NO_OFFER', { sentence });
    }
    const plan = this.#plan();
    if (plan === undefined) return;
    const media = await this.#openMedia();
    if (media === undefined) return;
    const result = await this.#dial(plan, { media, offer });
    if (result.kind === 'cancelled') return;
    if (result.kind === 'refused') endCall(call, result.end);
    else await this.#answer(result, media);
  }

  #watchCancel(): void {
    const { invite, over } = this.#call;
    const onCancelled = (): void => {
      endCall(this.#call, whyCancelled(invite));
    };
    invite.cancelled.addEventListener('abort', onCancelled, { signal: over.signal });
    if (invite.cancelled.aborted) onCancelled();
  }

  #plan(): RoutePlan | undefined {
    const { invite } = this.#call;
    const plan = this.#context.dialplan.plan(invite.called.user, { user: invite.user ?? '' });
    this.#call.rule = plan.rule;
    if (plan.kind === 'refuse') {
      endCall(this.#call, refusedByPlan(plan));
      return undefined;
    }
    this.#call.number = plan.number;
    return plan;
  }

  async #openMedia(): Promise<MediaSession | undefined> {
    const call = this.#call;
    const media = await this.#context.engine.open({
      callId: call.id,
      handlers: {
        onConnected: (leg) => {
          call.log.debug({ leg }, 'media connected');
        },
        onDigit: (report) => {
          this.#midCall.onDigit(report);
        },
        onFailed: (error) => {
          endCall(call, fromError(error));
        },
      },
    });
    return call.adoptMedia(media) ? media : undefined;
  }

  #dial(
    plan: RoutePlan,
    { media, offer }: { media: MediaSession; offer: string },
  ): Promise<DialResult> {
    const call = this.#call;
    const { endpoint, trunks, browserLeg } = this.#context;
    return dial({
      ...{ endpoint, trunks, routes: plan.routes, caller: this.#caller() },
      ...{ signal: call.over.signal, clock: call.clock, log: call.log },
      offerFor: async (trunk) => {
        const policies = { from: browserLeg, to: trunkLeg(trunk) };
        const local = await media.offerTo('callee', offer, policies);
        call.sdp.callee = { local, remote: '' };
        return local;
      },
      onAttempt: (trunk) => {
        call.trunk = trunk.name;
        call.mark('dialledMs');
        if (call.is('new')) call.transition('dialling');
      },
      onRefused: (attempt) => {
        if (!call.isOver) call.attempts.push(attempt);
      },
      onProgress: (progress) => {
        call.queue.run(() => this.#relayProgress(progress, media)).catch(() => undefined);
      },
    });
  }

  #caller(): TrunkCaller {
    const user = this.#call.invite.user ?? '';
    const account = this.#context.findUser(user);
    return { user, displayName: account?.displayName, callerId: account?.callerId };
  }

  /** 180 and other 18x go on as they are; SDP in any of them becomes early media, sent as 183. */
  async #relayProgress({ status, sdp }: DialProgress, media: MediaSession): Promise<void> {
    const call = this.#call;
    if (call.isOver || !call.is('dialling', 'ringing')) return;
    call.mark('ringingMs');
    if (call.is('dialling')) call.transition('ringing');
    if (status !== 183) call.invite.progress(status);
    const early = sdp === undefined ? undefined : await this.#earlyAnswer(sdp, media);
    // A later 18x may change the carrier's side, but the browser keeps the answer it has.
    if (early !== undefined && call.sdp.caller === undefined) {
      call.sdp.caller = { local: early, remote: call.invite.offer ?? '' };
      call.mark('earlyMediaMs');
      call.invite.progress(183, { sdp: early });
    } else if (status === 183) call.invite.progress(183);
  }

  async #earlyAnswer(sdp: string, media: MediaSession): Promise<string | undefined> {
    try {
      return await media.answerTo('caller', sdp);
    } catch (thrown) {
      // The 200 decides; without early media the call can still become a good one.
      const { code, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      this.#call.log.warn({ code, sentence }, 'early media of the carrier cannot be used');
      return undefined;
    }
  }

  async #answer(result: DialResult & { kind: 'answered' }, media: MediaSession): Promise<void> {
    const call = this.#call;
    call.mark('answeredMs');
    this.#midCall.answeredBy(result.trunk);
    result.dialog.setHandlers(this.#midCall.handlersFor('callee'));
    if (!call.adoptDialog('callee', result.dialog)) return;
    if (result.answer === '') {
      const sentence = `The carrier "${result.trunk.name}" answered without SDP.`;
      throw new CopperlineError('CL_TRUNK_NO_SDP', { sentence });
    }
    const dialog = await call.queue.run(async () => {
      call.transition('answering');
      const local = await media.answerTo('caller', result.answer).catch((thrown: unknown) => {
        throw unusableAnswer(thrown, result.trunk);
      });
      call.sdp.caller = { local, remote: call.invite.offer ?? '' };
      call.sdp.callee = { local: call.sdp.callee?.local ?? '', remote: result.answer };
      return call.invite.accept(local);
    });
    dialog.setHandlers(this.#midCall.handlersFor('caller'));
    if (call.adoptDialog('caller', dialog)) this.#up();
  }

  #up(): void {
    const call = this.#call;
    const { maxDurationMs, websocketGraceMs } = this.#context.timeouts;
    // The browser's BYE may have been waiting for its handlers.
    if (call.isOver) return;
    call.mark('upMs');
    call.transition('up');
    if (maxDurationMs > 0) {
      call.setTimer(() => {
        endCall(call, maxDuration(maxDurationMs));
      }, maxDurationMs);
    }
    if (call.invite.flow !== undefined) watchBrowser(call, call.invite.flow, websocketGraceMs);
  }
}

function whyCancelled({ flow, cancelled: { reason } }: IncomingInvite): EndReason {
  if (flow?.closed.aborted === true) return browserLost(0);
  return reason instanceof CopperlineError ? fromError(reason) : cancelled();
}

/** What is wrong with the carrier's SDP is no fault of the browser, which would read it as one of its own. */
function unusableAnswer(thrown: unknown, { name }: Trunk): CopperlineError {
  const error = toCopperlineError(thrown, 'CL_INTERNAL');
  if (error.bucket !== 'client') return error;
  const sentence = `The answer of the carrier "${name}" cannot be used. ${error.sentence}`;
  return new CopperlineError('CL_TRUNK_BAD_SDP', { sentence, cause: error });
}

function refusedByPlan({ code, sipStatus, sentence }: Plan & { kind: 'refuse' }): EndReason {
  return { by: 'gateway', code, sipStatus, bucket: 'client', sentence };
}

function trunkLeg({ codecs, media, dtmf, minToneMs, minGapMs, ptimeMs }: Trunk): LegPolicy {
  const inMedia = dtmf === 'info-dtmf' ? 'info' : dtmf;
  return { kind: 'rtp', codecs, media, dtmf: inMedia, minToneMs, minGapMs, ptimeMs };
}
