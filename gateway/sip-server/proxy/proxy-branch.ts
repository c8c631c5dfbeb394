import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import { createResponse } from '../message/response.js';
import type { CoreContext } from '../dialog/core-context.js';
import { sendWithFailover } from '../dialog/failover-client.js';
import type { FlowChoice } from '../dialog/flow-choice.js';
import { TimerSet } from '../transaction/timer-set.js';
import type { ClientTransaction, ClientTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';

/** RFC 3261 section 16.6 item 11: more than three minutes. */
const TIMER_C_MS = 185_000;

/** The search that a branch belongs to. */
export interface BranchParent {
  onSent(branch: ProxyBranch, request: SipRequest): void;
  onProvisional(response: SipResponse): void;
  /** Once per branch. The flow is undefined for a response made here. */
  onFinal(branch: ProxyBranch, response: SipResponse, flow: Flow | undefined): void;
  /** A 2xx of an INVITE after the final response: another fork beyond this target, a copy, or a lost race. */
  onLateSuccess(response: SipResponse): void;
}

export interface BranchParts {
  context: CoreContext;
  parent: BranchParent;
  target: string;
  /** What goes out if no way is found and a response must be made all the same. */
  request: SipRequest;
  provisionalTimeoutMs: number | undefined;
  finalTimeoutMs: number | undefined;
  choose: () => Promise<FlowChoice>;
  build: (flow: Flow) => SipRequest;
}

/**
 * One copy of a proxied request, on its way to one target (RFC 3261 sections 16.6 to 16.9). It ends with exactly one
 * final response: the target's, or one made here when the target is silent or cannot be reached.
 */
export class ProxyBranch implements ClientTransactionHandlers {
  readonly target: string;
  /** The application asked for something impossible: there was no such way. */
  refusal: string | undefined;
  readonly #parts: BranchParts;
  readonly #timers: TimerSet<'C' | 'provisional' | 'final'>;
  #request: SipRequest;
  #client: ClientTransaction | undefined;
  #over = false;
  #cancelled = false;

  constructor(parts: BranchParts) {
    this.#parts = parts;
    this.target = parts.target;
    this.#request = parts.request;
    this.#timers = new TimerSet(parts.context.clock);
  }

  start(): void {
    const { choose, context } = this.#parts;
    choose()
      .then((choice) => {
        if (!this.#over) this.#open(choice);
      })
      .catch((error: unknown) => {
        context.log.error({ err: error, target: this.target }, 'a request was not proxied: bug');
        this.#finishWith(500);
      });
  }

  /** RFC 3261 section 16.10. Before the first provisional response the CANCEL waits below. */
  cancel(headers: readonly SipHeader[]): void {
    if (this.#over || this.#cancelled) return;
    this.#cancelled = true;
    if (this.#client === undefined) this.#finishWith(487);
    else if (this.#request.method === 'INVITE') this.#client.cancel(headers);
  }

  /** Stops all timers; nothing is reported any more. */
  close(): void {
    this.#over = true;
    this.#timers.close();
  }

  onTrying(): void {
    this.#timers.stop('provisional');
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const { parent } = this.#parts;
    if (response.status >= 200) {
      if (!this.#over) this.#finish(response, flow);
      else if (response.status < 300 && this.#request.method === 'INVITE')
        parent.onLateSuccess(response);
      return;
    }
    this.#timers.stop('provisional');
    if (this.#over) return;
    this.#startTimerC();
    parent.onProvisional(response);
  }

  onTimeout(): void {
    this.#finishWith(this.#cancelled ? 487 : 408);
  }

  /** RFC 3261 section 16.9. */
  onTransportError(error: Error): void {
    this.#parts.context.log.info(
      { why: error.message, target: this.target },
      'a proxy target cannot be reached',
    );
    this.#finishWith(503);
  }

  /** The final response, or the error, came before this. */
  onTerminated(): void {
    this.#timers.close();
  }

  #open(choice: FlowChoice): void {
    const { context, build, parent } = this.#parts;
    if (choice.kind !== 'flow') {
      if (choice.kind === 'refused') this.refusal = choice.sentence;
      this.#finishWith(choice.kind === 'refused' ? 500 : choice.status);
      return;
    }
    this.#client = sendWithFailover({
      request: build(choice.flow),
      choice,
      transactions: context.transactions(),
      handlers: this,
      onMoved: (request) => {
        this.#request = request;
      },
    });
    this.#request = this.#client.request;
    this.#startTimers();
    parent.onSent(this, this.#request);
  }

  #startTimers(): void {
    const { provisionalTimeoutMs, finalTimeoutMs } = this.#parts;
    if (provisionalTimeoutMs !== undefined)
      this.#timers.start('provisional', provisionalTimeoutMs, () => {
        this.#giveUp();
      });
    if (finalTimeoutMs !== undefined)
      this.#timers.start('final', finalTimeoutMs, () => {
        this.#giveUp();
      });
    this.#startTimerC();
  }

  /** RFC 3261 sections 16.7 step 2 and 16.8: each provisional response buys a ringing phone more time. */
  #startTimerC(): void {
    if (this.#request.method !== 'INVITE' || this.#over) return;
    this.#timers.start('C', TIMER_C_MS, () => {
      this.#giveUp();
    });
  }

  /** Too long: whatever the target may still say, the search goes on. */
  #giveUp(): void {
    if (!this.#cancelled && this.#request.method === 'INVITE') this.#client?.cancel([]);
    this.#cancelled = true;
    this.#finishWith(408);
  }

  #finishWith(status: number): void {
    if (!this.#over) this.#finish(createResponse(this.#request, { status }), undefined);
  }

  #finish(response: SipResponse, flow: Flow | undefined): void {
    this.#over = true;
    this.#timers.close();
    this.#parts.parent.onFinal(this, response, flow);
  }
}
