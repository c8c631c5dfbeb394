import type { Dialplan } from '../../dialplan/plan.js';
import { delay, type Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { LegPolicy, MediaEngine } from '../media/media-engine.js';
import type { IncomingInvite, SipEndpoint } from '../signaling/sip-endpoint.js';
import type { FindUser } from '../signaling/users.js';
import type { Trunk } from '../trunks/trunk.js';
import { admit, type AdmissionLimits } from './admission.js';
import { Call } from './call.js';
import type { CallContext, CallTimeouts } from './call-context.js';
import type { CallEvents, CallView } from './call-events.js';
import { endCall } from './end-call.js';
import { fromCode } from './end-reasons.js';
import { placeCall } from './place-call.js';

export interface CallsOptions {
  endpoint: SipEndpoint;
  engine: MediaEngine;
  dialplan: Dialplan;
  trunks: readonly Trunk[];
  findUser: FindUser;
  /** Codecs and tone lengths on the browsers' legs. */
  browserLeg: LegPolicy;
  limits: AdmissionLimits;
  timeouts: CallTimeouts;
  clock: Clock;
  log: Log;
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

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#log = options.log.child({ part: 'calls' });
    this.events = new TypedEvents((error, event) => {
      this.#log.error({ err: error, event }, 'a listener of the calls failed');
    });
    const trunks = new Map(options.trunks.map((trunk) => [trunk.name, trunk]));
    this.#context = { ...options, trunks };
    options.endpoint.onInvite((invite) => {
      this.#onInvite(invite);
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
    for (const call of this.#calls) endCall(call, fromCode('CL_CALL_SHUTDOWN', sentence));
    const waiting = new AbortController();
    const enough = delay(this.#options.clock, SHUTDOWN_WAIT_MS, waiting.signal).catch(
      () => undefined,
    );
    await Promise.race([this.#allSettled(), enough]);
    waiting.abort();
  }

  #onInvite(invite: IncomingInvite): void {
    const { clock, limits } = this.#options;
    const present = [...this.#calls].filter((call) => !call.isOver).map((call) => call.invite.user);
    const admission = admit(invite.user, { present, draining: this.#draining, limits });
    const caller = { kind: 'browser', user: invite.user ?? '', flow: invite.flow } as const;
    const parts = { clock, log: this.#log, events: this.events };
    const call = new Call({ invite, direction: 'outbound', caller, ...parts });
    this.#calls.add(call);
    this.events.emit('started', call.view());
    if (admission.kind === 'refused')
      endCall(call, admission.reason, { retryAfterS: admission.retryAfterS });
    else call.inBackground(placeCall(call, this.#context));
    void this.#forgetWhenSettled(call);
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
