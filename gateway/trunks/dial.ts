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
import { parseSipUri } from '../signaling/sip-text.js';
import type { SentInvite } from './deciding-fact.js';
import { calledNumber } from './number-format.js';
import { judgeRefusal } from './refusal.js';
import type { TrunkBoard } from './trunk-board.js';
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
  /** Knows which trunks are dead, at rest or full. */
  board: TrunkBoard;
  caller: TrunkCaller;
  /** Max-Forwards of the INVITEs. */
  maxForwards: number;
  /** No limit of a trunk holds for it. */
  emergency?: boolean | undefined;
  /** The SDP offer for a trunk; asked for again with each route. */
  offerFor(trunk: Trunk): Promise<string>;
  /** What answers the offer of a trunk that wants an INVITE without one; undefined when it has to have one all the same. */
  answerFor?(trunk: Trunk): ((offer: string) => Promise<string>) | undefined;
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
  /** `channel` gives the trunk's channel back, and is to be called at the end of the dialog. */
  | { kind: 'answered'; dialog: SipDialog; answer: string; trunk: Trunk; channel: () => void }
  | { kind: 'refused'; end: EndReason }
  | { kind: 'cancelled' };

type Unanswered = { kind: 'refused'; end: EndReason; tryNext: boolean } | { kind: 'cancelled' };
type Attempt = { kind: 'answered'; dialog: SipDialog; answer: string } | Unanswered;
type HeldAttempt = (Attempt & { kind: 'answered'; channel: () => void }) | Unanswered;

/**
 * Calls over the routes in their order, those of dead trunks last. A route whose trunk is full, or for which no offer can be made, leads to
 * the next one. The search ends with an answer, with a refusal that every carrier would repeat
 * (busy, declined, no such number), and with any refusal once somebody was rung.
 * @throws CopperlineError CL_SIP_SERVER_UNREACHABLE; what offerFor() throws that is no CopperlineError
 */
export async function dial(request: DialRequest): Promise<DialResult> {
  let last: EndReason | undefined;
  for (const route of request.board.order(request.routes)) {
    if (request.signal.aborted) return { kind: 'cancelled' };
    const trunk = request.trunks.get(route.trunk);
    const attempt =
      trunk === undefined
        ? unknownTrunk(route)
        : await new RouteAttempt(request, route, trunk).run();
    if (attempt.kind === 'cancelled') return { kind: 'cancelled' };
    if (attempt.kind === 'answered' && trunk !== undefined) {
      request.board.events.emit('attempt', trunk.name, 'answered');
      return { ...attempt, trunk };
    }
    if (attempt.kind === 'answered') continue;
    last = attempt.end;
    request.board.events.emit('attempt', route.trunk, 'refused');
    request.onRefused({ trunk: route.trunk, status: last.sipStatus, sentence: last.sentence });
    request.log.info(
      { trunk: route.trunk, code: last.code, sentence: last.sentence },
      'route refused',
    );
    if (!attempt.tryNext) break;
  }
  return { kind: 'refused', end: last ?? noRoutes() };
}

function unknownTrunk({ trunk }: PlannedRoute): Unanswered {
  const sentence = `The route names the trunk "${trunk}", which is not configured.`;
  return { kind: 'refused', tryNext: true, end: endOf('CL_TRUNK_UNKNOWN', sentence) };
}

function noRoutes(): EndReason {
  return endOf('CL_TRUNK_UNKNOWN', 'The dialplan gave no route.');
}

function endOf(
  code: 'CL_TRUNK_UNKNOWN' | 'CL_TRUNK_SILENT' | 'CL_TRUNK_FULL',
  sentence: string,
): EndReason {
  const { sipStatus, bucket } = new CopperlineError(code, { sentence });
  return { by: 'gateway', code, sipStatus, bucket, sentence };
}

const MAX_FORKS = 16;

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
  /** SDP in 18x, by the To tag of the fork that sent it. */
  readonly #early = new Map<string, string>();

  constructor(request: DialRequest, route: PlannedRoute, trunk: Trunk) {
    this.#request = request;
    this.#route = route;
    this.#trunk = trunk;
  }

  /** Takes a channel of the trunk, and gives it back when this route fails. */
  async run(): Promise<HeldAttempt> {
    const { board, emergency = false } = this.#request;
    const channel = board.take(this.#trunk.name, { emergency });
    if (typeof channel === 'string')
      return { kind: 'refused', tryNext: true, end: endOf('CL_TRUNK_FULL', channel) };
    try {
      const attempt = await this.#attempt();
      if (attempt.kind === 'answered') return { ...attempt, channel };
      channel();
      return attempt;
    } catch (error) {
      channel();
      throw error;
    }
  }

  async #attempt(): Promise<Attempt> {
    const { signal, endpoint } = this.#request;
    const answerTo = this.#request.answerFor?.(this.#trunk);
    const offer = answerTo === undefined ? await this.#offer() : undefined;
    if (typeof offer === 'object') return offer;
    const onAbort = (): void => {
      this.#abort.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return { kind: 'cancelled' };
    try {
      this.#request.onAttempt(this.#trunk);
      this.#startTimers();
      const invite = this.#invite(answerTo === undefined ? { offer } : { offer, answerTo });
      return this.#toAttempt(await endpoint.invite(invite), invite);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#timer?.cancel();
    }
  }

  /** What cannot be offered to this trunk, a codec above all, may be to the next one. */
  async #offer(): Promise<string | (Attempt & { kind: 'refused' })> {
    try {
      return await this.#request.offerFor(this.#trunk);
    } catch (thrown) {
      if (!(thrown instanceof CopperlineError) || this.#request.signal.aborted) throw thrown;
      const { code, sipStatus, bucket, sentence } = thrown;
      const end: EndReason = { by: 'gateway', code, sipStatus, bucket, sentence };
      return { kind: 'refused', tryNext: true, end };
    }
  }

  #invite(session: Pick<OutgoingInviteRequest, 'offer' | 'answerTo'>): OutgoingInviteRequest {
    const { board, caller, maxForwards } = this.#request;
    const serviceRoute = board.serviceRoute(this.#trunk.name);
    const addressed = addressInvite(this.#trunk, this.#route.number, caller);
    return {
      ...addressed,
      headers: { ...addressed.headers, 'Max-Forwards': String(maxForwards) },
      ...(serviceRoute === undefined ? {} : { nextHop: serviceRoute }),
      ...session,
      signal: this.#abort.signal,
      onProgress: ({ status, sdp, tag }) => {
        if (sdp !== undefined && this.#early.size < MAX_FORKS) this.#early.set(tag, sdp);
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

  #toAttempt(result: OutgoingInviteResult, invite: OutgoingInviteRequest): Attempt {
    const { board, signal } = this.#request;
    const { name } = this.#trunk;
    if (result.kind === 'answered') {
      board.noteCall(name);
      // RFC 3261 section 13.2.1: the answer that this fork gave in a 18x stands.
      const answer = result.answer === '' ? (this.#early.get(result.tag) ?? '') : result.answer;
      return { ...result, answer };
    }
    if (signal.aborted) return { kind: 'cancelled' };
    if (result.kind === 'cancelled') {
      if (!this.#rung && this.#timedOut !== undefined)
        board.noteCall(name, 'an INVITE got no answer');
      return this.#timedOut ?? { kind: 'cancelled' };
    }
    const { end, tryNext } = judgeRefusal(result, name, this.#sent(invite));
    this.#tellBoard(result, end.sentence);
    return { kind: 'refused', end, tryNext: tryNext && !this.#rung };
  }

  #tellBoard(refusal: OutgoingInviteResult & { kind: 'refused' }, sentence: string): void {
    const { board } = this.#request;
    const { name } = this.#trunk;
    const { status, local, retryAfterS } = refusal;
    board.noteCall(name, local ? 'an INVITE found nobody' : undefined);
    // RFC 3261 section 21.5.4: no more requests for so long.
    if (!local && status === 503 && retryAfterS !== undefined)
      board.rest(name, retryAfterS, `${sentence} It asked for a rest of ${retryAfterS} s.`);
  }

  #sent({ from, offer }: OutgoingInviteRequest): SentInvite {
    const number = calledNumber(this.#route.number, this.#trunk);
    const fromUser = parseSipUri(from.uri)?.user ?? '';
    return { number, fromUser, offer: offer ?? '', numberFormat: this.#trunk.numberFormat };
  }
}
