import { setMaxListeners } from 'node:events';
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
import type { CallEvents, CallTimes, CallTransfer, CallView } from './call-events.js';
import { userOf, type CallDirection, type CallParty } from './call-party.js';
import type { CallerIdentity } from './caller-identity.js';
import { createCallState, type CallState } from './call-state.js';

/** SDP that was last exchanged on a leg. */
export interface LegSdp {
  /** What we sent. */
  local: string;
  /** What the peer sent. */
  remote: string;
  /** It answered our offer; otherwise it made the offer. */
  peerAnswered?: boolean;
}

/** For new ICE and DTLS after a browser has come back; media engines tell of missing media again and again. */
const RETURN_MS = 10_000;

/**
 * One call: two legs, one media session, one queue, one AbortController. It holds what the call owns; the steps are in
 * call-steps, mid-call and end-call. Whatever arrives after the end is closed at once.
 */
export class Call {
  readonly id = newUuid();
  readonly invite: IncomingInvite;
  readonly direction: CallDirection;
  caller: CallParty;
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
  readonly transfers: CallTransfer[] = [];
  /** Legs whose browser is gone and may come back. */
  readonly detached = new Set<LegName>();
  /** Called when another party has taken a leg of the call while it is up. */
  onSeated: (leg: LegName) => void = () => undefined;
  media: MediaSession | undefined;
  /** What the dialplan says of the called number: no limit holds for such a call. */
  emergency = false;
  /** Our answer to the caller, made together with that to a trunk's own offer. */
  pledged: string | undefined;
  number: string | undefined;
  rule: string | undefined;
  /** Who calls, as the called party is told; for calls to browsers. */
  from: CallerIdentity | undefined;
  /** The user whose number was called, also when the call goes on to somewhere else. */
  owner: string | undefined;
  /** Who is called now, or answered. */
  callee: CallParty | undefined;
  end: EndReason | undefined;
  /** Plays a dial string; false when it cannot be read, or too many wait. Set once the call has begun. */
  sendDigits: (text: string) => boolean = () => false;

  /** Whose call it was before it was transferred. */
  #user: string | undefined;
  readonly #state: StateMachine<CallState>;
  readonly #times: CallTimes;
  readonly #startedAt: number;
  #returnedAt = -Infinity;
  readonly #timers = new Set<Timer>();
  /** Gives the channel of the trunk on a leg back. */
  readonly #channels: Partial<Record<LegName, (() => void) | undefined>> = {};
  readonly #background = new Set<Promise<unknown>>();

  constructor(options: {
    invite: IncomingInvite;
    direction: CallDirection;
    caller: CallParty;
    clock: Clock;
    log: Log;
    events: TypedEvents<CallEvents>;
  }) {
    // Whatever waits in the call listens here, and a group rings many at once.
    setMaxListeners(0, this.over.signal);
    this.invite = options.invite;
    this.direction = options.direction;
    this.caller = options.caller;
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

  /** The browser on that leg is gone for now. */
  detach(leg: LegName): void {
    this.detached.add(leg);
    if (this.is('up')) this.transition('detached');
  }

  /** It is back; false when it never was away. */
  attach(leg: LegName): boolean {
    if (!this.detached.delete(leg)) return false;
    this.#returnedAt = this.clock.monotonic();
    if (this.detached.size === 0 && this.is('detached')) this.transition('up');
    return true;
  }

  /** A browser is away, or has been back for a moment only: its media is missed, and that is no failure yet. */
  get missesMedia(): boolean {
    return this.detached.size > 0 || this.clock.monotonic() - this.#returnedAt < RETURN_MS;
  }

  partyOn(leg: LegName): CallParty | undefined {
    return leg === 'caller' ? this.caller : this.callee;
  }

  /** The leg's trunk has a channel for the call, until somebody else takes the leg or the call is over. */
  holdChannel(leg: LegName, giveBack: () => void): void {
    if (this.isOver) giveBack();
    else this.#channels[leg] = giveBack;
  }

  /** For another call, which goes on over it. */
  handOverChannel(leg: LegName): (() => void) | undefined {
    const giveBack = this.#channels[leg];
    this.#channels[leg] = undefined;
    return giveBack;
  }

  giveChannelsBack(): void {
    for (const leg of ['caller', 'callee'] as const) this.handOverChannel(leg)?.();
  }

  /** Another party speaks on a leg from now on. */
  seat(leg: LegName, party: CallParty): void {
    this.#user ??= userOf(this.caller) ?? userOf(this.callee);
    this.handOverChannel(leg)?.();
    if (leg === 'caller') this.caller = party;
    else this.callee = party;
    this.onSeated(leg);
  }

  /** Tells the listeners that something but the state changed. */
  changed(): void {
    this.events.emit('changed', this.view(), this.state);
  }

  /** Takes the dialog over; false (and hung up) when the call is over already. */
  adoptDialog(leg: LegName, dialog: SipDialog): boolean {
    this.dialogs[leg] = dialog;
    if (this.end === undefined) return true;
    this.inBackground(dialog.bye(this.end));
    return false;
  }

  /** True for a user who placed the call, or has answered it. */
  hasUser(user: string): boolean {
    const answered = this.#times.answeredMs === undefined ? undefined : userOf(this.callee);
    return userOf(this.caller) === user || answered === user;
  }

  view(): CallView {
    const { caller, callee } = this.dialogs;
    const trunks = [trunkOf(this.callee), trunkOf(this.caller)];
    if (this.direction === 'inbound') trunks.reverse();
    return {
      ...{ id: this.id, state: this.state, direction: this.direction },
      user: this.#user ?? userOf(this.caller) ?? userOf(this.callee) ?? this.owner,
      calledUser: this.direction === 'internal' ? userOf(this.callee) : undefined,
      from: this.from,
      dialled: this.invite.called.user,
      ...{ number: this.number, rule: this.rule },
      trunk: trunks[0] ?? trunks[1],
      sipCallIds: {
        caller: caller?.callId ?? this.invite.callId,
        ...(callee === undefined ? {} : { callee: callee.callId }),
      },
      times: { ...this.#times },
    };
  }
}

function trunkOf(party: CallParty | undefined): string | undefined {
  return party?.kind === 'trunk' ? party.trunk.name : undefined;
}
