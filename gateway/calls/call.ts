import type { Clock, Timer } from '../kernel/clock.js';
import type { EndReason } from '../kernel/end-reason.js';
import { newUuid } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import type { StateMachine } from '../kernel/state-machine.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import type { LegName, MediaSession } from '../media/media-engine.js';
import type { IncomingInvite, SipDialog } from '../signaling/sip-endpoint.js';
import type { DialAttempt } from '../trunks/dial.js';
import type { CallEvents, CallTimes, CallView } from './call-events.js';
import { createCallState, type CallState } from './call-state.js';

/** SDP that was last exchanged on a leg. */
export interface LegSdp {
  /** What we sent. */
  local: string;
  /** What the peer sent. */
  remote: string;
}

/**
 * One call: two legs, one media session, one queue, one AbortController. It holds what the call owns; the steps are in
 * place-call, mid-call and end-call. Whatever arrives after the end is closed at once.
 */
export class Call {
  readonly id = newUuid();
  readonly invite: IncomingInvite;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: TypedEvents<CallEvents>;
  /** Aborted, with the EndReason, when the call ends. */
  readonly over = new AbortController();
  /** Everything that changes the call's SDP or answers its INVITE runs here, in order. */
  readonly queue = new SerialQueue();
  readonly dialogs: Partial<Record<LegName, SipDialog>> = {};
  readonly sdp: Partial<Record<LegName, LegSdp>> = {};
  readonly attempts: DialAttempt[] = [];
  media: MediaSession | undefined;
  number: string | undefined;
  rule: string | undefined;
  trunk: string | undefined;
  end: EndReason | undefined;

  readonly #state: StateMachine<CallState>;
  readonly #times: CallTimes;
  readonly #startedAt: number;
  readonly #timers = new Set<Timer>();
  readonly #background = new Set<Promise<unknown>>();

  constructor(options: {
    invite: IncomingInvite;
    clock: Clock;
    log: Log;
    events: TypedEvents<CallEvents>;
  }) {
    this.invite = options.invite;
    this.clock = options.clock;
    this.events = options.events;
    this.log = options.log.child({ call: this.id, user: options.invite.user });
    this.#startedAt = this.clock.monotonic();
    this.#times = { inviteAt: this.clock.now() };
    this.#state = createCallState((to, from) => {
      this.log.debug({ from, to }, 'call state');
      if (to !== 'ended') this.events.emit('changed', this.view(), from);
    });
  }

  get state(): CallState {
    return this.#state.state;
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  transition(to: CallState): void {
    this.#state.transition(to);
  }

  is(...states: readonly CallState[]): boolean {
    return this.#state.is(...states);
  }

  /** Remembers when a point was reached first. */
  mark(point: Exclude<keyof CallTimes, 'inviteAt'>): void {
    this.#times[point] ??= Math.round(this.clock.monotonic() - this.#startedAt);
  }

  /** A timer that ends with the call. */
  setTimer(callback: () => void, delayMs: number): Timer {
    const timer = this.clock.setTimer(() => {
      this.#timers.delete(timer);
      callback();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Work that nobody awaits, but that must be over before the call is settled. */
  inBackground(work: Promise<unknown>): void {
    const settled = work
      .catch((error: unknown) => {
        this.log.warn({ err: error }, 'background work of a call failed');
      })
      .finally(() => {
        this.#background.delete(settled);
      });
    this.#background.add(settled);
  }

  /** Resolves when the call has ended and nothing of it is under way any more. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /** Takes the session over; false (and closed) when the call is over already. */
  adoptMedia(session: MediaSession): boolean {
    if (this.isOver) {
      this.inBackground(session.close());
      return false;
    }
    this.media = session;
    return true;
  }

  /** Takes the dialog over; false (and hung up) when the call is over already. */
  adoptDialog(leg: LegName, dialog: SipDialog): boolean {
    this.dialogs[leg] = dialog;
    if (this.end === undefined) return true;
    this.inBackground(dialog.bye(this.end));
    return false;
  }

  view(): CallView {
    const { caller, callee } = this.dialogs;
    return {
      ...{ id: this.id, state: this.state, user: this.invite.user },
      dialled: this.invite.called.user,
      ...{ number: this.number, rule: this.rule, trunk: this.trunk },
      sipCallIds: {
        caller: caller?.callId ?? this.invite.callId,
        ...(callee === undefined ? {} : { callee: callee.callId }),
      },
      times: { ...this.#times },
    };
  }
}
