import type { PlannedRoute } from '../../dialplan/plan.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { EndReason } from '../kernel/end-reason.js';
import { CopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type {
  OutgoingInviteRequest,
  OutgoingInviteResult,
  SipDialog,
  SipEndpoint,
} from '../signaling/sip-endpoint.js';
import { judgeRefusal } from './refusal.js';
import { addressInvite } from './trunk-request.js';
import type { Trunk, TrunkCaller } from './trunk.js';

interface DialProgress {
  status: number;
  sdp: string | undefined;
  trunk: Trunk;
}

export interface DialRequest {
  endpoint: SipEndpoint;
  /** Tried in this order. Never empty. */
  routes: readonly PlannedRoute[];
  trunks: ReadonlyMap<string, Trunk>;
  caller: TrunkCaller;
  /** The SDP offer for a trunk; asked for again with each route. */
  offerFor(trunk: Trunk): Promise<string>;
  onProgress(progress: DialProgress): void;
  /** Called before each INVITE. */
  onAttempt(trunk: Trunk): void;
  /** Called after each route that did not lead to an answer. */
  onRefused(attempt: DialAttempt): void;
  /** Cancels whatever is under way. */
  signal: AbortSignal;
  clock: Clock;
  log: Log;
}

/** One tried route, for the CDR. */
export interface DialAttempt {
  trunk: string;
  status: number;
  sentence: string;
}

export type DialResult =
  | { kind: 'answered'; dialog: SipDialog; answer: string; trunk: Trunk }
  | { kind: 'refused'; end: EndReason }
  | { kind: 'cancelled' };

type Attempt =
  | { kind: 'answered'; dialog: SipDialog; answer: string }
  | { kind: 'refused'; end: EndReason; tryNext: boolean }
  | { kind: 'cancelled' };

/**
 * Calls over the routes in their order. The search ends with an answer, with a refusal that every carrier would repeat
 * (busy, declined, no such number), and with any refusal once somebody was rung.
 * @throws CopperlineError what offerFor() throws; CL_SIP_SERVER_UNREACHABLE
 */
export async function dial(request: DialRequest): Promise<DialResult> {
  let last: EndReason | undefined;
  for (const route of request.routes) {
    if (request.signal.aborted) return { kind: 'cancelled' };
    const trunk = request.trunks.get(route.trunk);
    const attempt =
      trunk === undefined
        ? unknownTrunk(route)
        : await new RouteAttempt(request, route, trunk).run();
    if (attempt.kind === 'cancelled') return { kind: 'cancelled' };
    if (attempt.kind === 'answered' && trunk !== undefined) return { ...attempt, trunk };
    if (attempt.kind === 'answered') continue;
    last = attempt.end;
    request.onRefused({ trunk: route.trunk, status: last.sipStatus, sentence: last.sentence });
    request.log.info(
      { trunk: route.trunk, code: last.code, sentence: last.sentence },
      'route refused',
    );
    if (!attempt.tryNext) break;
  }
  return { kind: 'refused', end: last ?? noRoutes() };
}

function unknownTrunk({ trunk }: PlannedRoute): Attempt {
  const sentence = `The route names the trunk "${trunk}", which is not configured.`;
  return { kind: 'refused', tryNext: true, end: endOf('CL_TRUNK_UNKNOWN', sentence) };
}

function noRoutes(): EndReason {
  return endOf('CL_TRUNK_UNKNOWN', 'The dialplan gave no route.');
}

function endOf(code: 'CL_TRUNK_UNKNOWN' | 'CL_TRUNK_SILENT', sentence: string): EndReason {
  const { sipStatus, bucket } = new CopperlineError(code, { sentence });
  return { by: 'gateway', code, sipStatus, bucket, sentence };
}

/** One INVITE with its two timers. */
class RouteAttempt {
  readonly #request: DialRequest;
  readonly #route: PlannedRoute;
  readonly #trunk: Trunk;
  /** Aborted by the caller's signal or by a timer; its reason goes into the CANCEL. */
  readonly #abort = new AbortController();
  #rung = false;
  #startedAt = 0;
  #timedOut: Attempt | undefined;
  #timer: Timer | undefined;

  constructor(request: DialRequest, route: PlannedRoute, trunk: Trunk) {
    this.#request = request;
    this.#route = route;
    this.#trunk = trunk;
  }

  async run(): Promise<Attempt> {
    const { signal, endpoint } = this.#request;
    const offer = await this.#request.offerFor(this.#trunk);
    const onAbort = (): void => {
      this.#abort.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return { kind: 'cancelled' };
    try {
      this.#request.onAttempt(this.#trunk);
      this.#startTimers();
      return this.#toAttempt(await endpoint.invite(this.#invite(offer)));
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#timer?.cancel();
    }
  }

  #invite(offer: string): OutgoingInviteRequest {
    return {
      ...addressInvite(this.#trunk, this.#route.number, this.#request.caller),
      offer,
      signal: this.#abort.signal,
      onProgress: ({ status, sdp }) => {
        this.#onProgress(status, sdp);
      },
    };
  }

  #onProgress(status: number, sdp: string | undefined): void {
    // 199 only ends an early dialog (RFC 6228).
    if (status <= 100 || status === 199 || this.#abort.signal.aborted) return;
    if (!this.#rung) {
      this.#rung = true;
      this.#timer?.cancel();
      const elapsed = this.#request.clock.monotonic() - this.#startedAt;
      this.#startTimer(this.#trunk.noAnswerTimeoutMs - elapsed, this.#notAnswered());
    }
    this.#request.onProgress({ status, sdp, trunk: this.#trunk });
  }

  #startTimers(): void {
    this.#startedAt = this.#request.clock.monotonic();
    const { name, noResponseTimeoutMs } = this.#trunk;
    const sentence = `The carrier "${name}" did not begin to ring within ${noResponseTimeoutMs / 1000} s.`;
    const end = endOf('CL_TRUNK_SILENT', sentence);
    this.#startTimer(noResponseTimeoutMs, { kind: 'refused', tryNext: true, end });
  }

  #notAnswered(): Attempt & { kind: 'refused' } {
    const sentence = `Nobody answered within ${this.#trunk.noAnswerTimeoutMs / 1000} s.`;
    const end = {
      by: 'gateway',
      code: 'NO_ANSWER',
      sipStatus: 480,
      bucket: 'ok',
      sentence,
    } as const;
    return { kind: 'refused', tryNext: false, end };
  }

  #startTimer(delayMs: number, verdict: Attempt & { kind: 'refused' }): void {
    this.#timer = this.#request.clock.setTimer(() => {
      this.#timedOut = verdict;
      this.#abort.abort(verdict.end);
    }, delayMs);
  }

  #toAttempt(result: OutgoingInviteResult): Attempt {
    if (result.kind === 'answered') return result;
    if (this.#request.signal.aborted) return { kind: 'cancelled' };
    if (result.kind === 'cancelled') return this.#timedOut ?? { kind: 'cancelled' };
    const { end, tryNext } = judgeRefusal(result, this.#trunk.name);
    return { kind: 'refused', end, tryNext: tryNext && !this.#rung };
  }
}
