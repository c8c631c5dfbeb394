import { delay, type Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { IncomingInvite } from '../signaling/sip-endpoint.js';
import { parseNameAddress } from '../signaling/sip-text.js';
import type { TrunkOrigin } from '../signaling/trunk-gate.js';
import { MemoryTrunkBoard, type TrunkBoard } from '../trunks/trunk-board.js';
import type { Trunk } from '../trunks/trunk.js';
import { admit, type AdmissionLimits } from './admission.js';
import { Call } from './call.js';
import { callUser } from './call-user.js';
import type { CallContext, CallTimeouts, FoundDialog } from './call-context.js';
import { destinationOf } from './destination.js';
import { dialledBy } from './dialled.js';
import type { CallEvents, CallView } from './call-events.js';
import { endCall } from './end-call.js';
import { fromCode } from './end-reasons.js';
import { matchesDialog } from './transfer-attended.js';
import type { DialogId } from '../signaling/incoming-refer.js';
import { placeCall } from './place-call.js';
import { receiveCall } from './receive-call.js';

export interface CallsOptions extends Omit<
  CallContext,
  'trunks' | 'board' | 'mayTakeCall' | 'findDialog' | 'random'
> {
  trunks: readonly Trunk[];
  /** Without it, every trunk is up. */
  board?: TrunkBoard;
  limits: AdmissionLimits;
  clock: Clock;
  log: Log;
  /** For weighted groups; Math.random when absent. */
  random?: () => number;
}

export const DEFAULT_CALL_LIMITS: AdmissionLimits & CallTimeouts = {
  maxCalls: 500,
  maxCallsPerUser: 4,
  maxDurationMs: 4 * 3600_000,
  websocketGraceMs: 10_000,
};

const DRAIN_REPORT_MS = 5_000;
/** For the answers to the last BYEs; SIP itself would wait 32 s for a dead peer. */
const SHUTDOWN_WAIT_MS = 3_000;

/** All calls of this gateway. Takes the endpoint's INVITEs from its construction on. */
export class Calls {
  readonly events: TypedEvents<CallEvents>;
  readonly #options: CallsOptions;
  readonly #context: CallContext;
  readonly #log: Log;
  readonly #calls = new Set<Call>();
  readonly #onEmpty: (() => void)[] = [];
  #draining = false;
  /** Not even an emergency call can be carried any more. */
  #closing = false;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#log = options.log.child({ part: 'calls' });
    this.events = new TypedEvents((error, event) => {
      this.#log.error({ err: error, event }, 'a listener of the calls failed');
    });
    const trunks = new Map(options.trunks.map((trunk) => [trunk.name, trunk]));
    this.#context = {
      ...options,
      trunks,
      board: options.board ?? new MemoryTrunkBoard(options.trunks, options),
      mayTakeCall: (user) => this.#callsOf(user) < options.limits.maxCallsPerUser,
      findDialog: (id) => this.#findDialog(id),
      random: options.random ?? Math.random,
    };
    options.endpoint.onInvite((invite) => {
      this.#onBrowserInvite(invite);
    });
    options.endpoint.onTrunkInvite((invite, origin) => {
      this.#onTrunkInvite(invite, origin);
    });
  }

  /** Calls that are not over yet, or whose last messages are still under way. */
  get count(): number {
    return this.#calls.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  list(): CallView[] {
    return [...this.#calls].map((call) => call.view());
  }

  /** A dial string for the phone network's side of a call. `unknown`: no such call; `early`: it is not up. */
  sendDigits(callId: string, text: string): 'taken' | 'unreadable' | 'unknown' | 'early' {
    const call = [...this.#calls].find(({ id, isOver }) => id === callId && !isOver);
    if (call === undefined) return 'unknown';
    if (!call.is('up')) return 'early';
    return call.sendDigits(text) ? 'taken' : 'unreadable';
  }

  /** Refuses new calls from now on; resolves when the last one is over. */
  async drain(): Promise<void> {
    this.#draining = true;
    const stop = this.#reportWhileDraining();
    await this.#allSettled();
    stop();
  }

  /**
   * Ends every call and takes no new ones; resolves when nothing of them is under way, or when the peers had their time to
   * answer our BYEs.
   */
  async endAll(sentence: string): Promise<void> {
    this.#draining = true;
    this.#closing = true;
    for (const call of this.#calls) endCall(call, fromCode('CL_CALL_SHUTDOWN', sentence));
    const waiting = new AbortController();
    const enough = delay(this.#options.clock, SHUTDOWN_WAIT_MS, waiting.signal).catch(
      () => undefined,
    );
    await Promise.race([this.#allSettled(), enough]);
    waiting.abort();
  }

  #onBrowserInvite(invite: IncomingInvite): void {
    const user = invite.user ?? '';
    // A visitor with a one-call token is no user: the quotas of the site hold, not those of users.
    const counted = invite.flow?.pass === undefined ? user : undefined;
    const destination = destinationOf(this.#context, dialledBy(invite));
    const call = this.#newCall(invite, {
      direction: destination.kind === 'user' ? 'internal' : 'outbound',
      caller: { kind: 'browser', user, flow: invite.flow, contact: contactOf(invite) },
    });
    call.emergency = destination.kind === 'route' && destination.emergency === true;
    this.#start(call, counted, () =>
      destination.kind === 'user'
        ? callUser(call, this.#context, destination.user)
        : placeCall(call, this.#context, destination),
    );
  }

  #onTrunkInvite(invite: IncomingInvite, origin: TrunkOrigin): void {
    const trunk = this.#context.trunks.get(origin.trunk);
    if (trunk === undefined) {
      const sentence = `The trunk "${origin.trunk}" is not configured.`;
      invite.reject(403, { sentence, code: 'CL_TRUNK_UNKNOWN' });
      return;
    }
    const call = this.#newCall(invite, { direction: 'inbound', caller: { kind: 'trunk', trunk } });
    this.#start(call, undefined, () => receiveCall(call, this.#context, trunk.name));
  }

  #findDialog(id: DialogId): FoundDialog | undefined {
    for (const call of this.#calls) {
      for (const leg of ['caller', 'callee'] as const) {
        const dialog = call.dialogs[leg];
        if (dialog !== undefined && matchesDialog(dialog, id)) return { call, leg };
      }
    }
    return undefined;
  }

  #newCall(invite: IncomingInvite, who: Pick<Call, 'direction' | 'caller'>): Call {
    const { clock } = this.#options;
    return new Call({ invite, ...who, clock, log: this.#log, events: this.events });
  }

  #start(call: Call, user: string | undefined, run: () => Promise<void>): void {
    const present = [...this.#calls].filter(({ isOver }) => !isOver).length;
    const own = user === undefined ? undefined : this.#callsOf(user);
    const { limits } = this.#options;
    const draining = this.#draining;
    const emergency = call.emergency && !this.#closing;
    const admission = admit({ present, own, draining, emergency, limits });
    this.#calls.add(call);
    this.events.emit('started', call.view());
    if (admission.kind === 'refused')
      endCall(call, admission.reason, { retryAfterS: admission.retryAfterS });
    else call.inBackground(run());
    void this.#forgetWhenSettled(call);
  }

  /** Calls that the user placed, or has answered. */
  #callsOf(user: string): number {
    return [...this.#calls].filter((call) => !call.isOver && call.hasUser(user)).length;
  }

  async #forgetWhenSettled(call: Call): Promise<void> {
    await new Promise<void>((resolve) => {
      if (call.isOver) resolve();
      else
        call.over.signal.addEventListener('abort', () => {
          resolve();
        });
    });
    await call.settled();
    this.#calls.delete(call);
    if (this.#calls.size === 0)
      this.#onEmpty.splice(0).forEach((resolve) => {
        resolve();
      });
  }

  #allSettled(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
    });
  }

  #reportWhileDraining(): () => void {
    const { clock } = this.#options;
    const report = (): void => {
      const sample = [...this.#calls].slice(0, 5).map(({ id, state }) => ({ id, state }));
      this.#log.info({ calls: this.#calls.size, sample }, 'waiting for calls to end');
      timer = clock.setTimer(report, DRAIN_REPORT_MS);
    };
    let timer = clock.setTimer(report, DRAIN_REPORT_MS);
    return () => {
      timer.cancel();
    };
  }
}

function contactOf(invite: IncomingInvite): string | undefined {
  return parseNameAddress(invite.header('Contact') ?? '')?.uri;
}
