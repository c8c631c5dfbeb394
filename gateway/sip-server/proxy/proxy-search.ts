import { getHeaders } from '../message/headers.js';
import { createResponse } from '../message/response.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { CoreContext } from '../dialog/core-context.js';
import type { FlowChoice } from '../dialog/flow-choice.js';
import { newToken } from '../../kernel/ids.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import { bestResponse } from './best-response.js';
import { withoutTopVia } from './forward-response.js';
import { ProxyBranch, type BranchParent } from './proxy-branch.js';
import type { ProxyReporter } from './proxy-command.js';
import { redirectTargets } from './redirect-targets.js';

interface SearchPlan {
  targets: readonly string[];
  followRedirects: boolean;
  simultaneous: boolean;
  provisionalTimeoutMs: number | undefined;
  finalTimeoutMs: number | undefined;
}

/** What a search needs of the proxy that runs it. */
export interface SearchParts {
  context: CoreContext;
  transaction: ServerTransaction;
  plan: SearchPlan;
  report: ProxyReporter;
  choose(target: string): Promise<FlowChoice>;
  build(target: string, flow: Flow): SipRequest;
  /** A copy is out. */
  onSent(request: SipRequest): void;
  /** A final response of a target, before it is weighed. */
  onAnswer(target: string, response: SipResponse, flow: Flow): void;
  /** A final response has gone to the caller, or the caller has given up. */
  onDecided(response: SipResponse | undefined): void;
  /** Nothing is under way any more. */
  onOver(search: ProxySearch): void;
}

/** More contacts than this in redirections of redirections lead nowhere. */
const MAX_TARGETS = 64;

/**
 * The response context of a proxied request (RFC 3261 section 16): tries targets one after another or all at once,
 * passes on provisional responses and each 2xx as they come, and the best of the others at the end.
 */
export class ProxySearch implements BranchParent, ServerTransactionHandlers {
  readonly #parts: SearchParts;
  readonly #waiting: string[];
  readonly #known: Set<string>;
  readonly #branches = new Set<ProxyBranch>();
  readonly #failures: SipResponse[] = [];
  /** No further target is tried. */
  #closed = false;
  /** The caller has its final response, or is gone. */
  #decided = false;
  #over = false;
  #sent = false;

  constructor(parts: SearchParts) {
    this.#parts = parts;
    this.#waiting = [...new Set(parts.plan.targets)];
    this.#known = new Set(this.#waiting);
  }

  start(): void {
    this.#goOn();
  }

  /** The server closes: timers stop, nothing is sent. */
  close(): void {
    for (const branch of this.#branches) branch.close();
    this.#branches.clear();
    this.#over = true;
  }

  /** RFC 3261 section 16.10; the layer answers the INVITE with 487. */
  onCancel(cancel: SipRequest): void {
    const reasons = getHeaders(cancel, 'Reason').map((value) => ({ name: 'Reason', value }));
    this.#decide(undefined);
    this.#cancelAll(reasons);
  }

  /** A proxy sends no ACK timeouts: the ACK goes from end to end. */
  onAckTimeout(): void {
    return undefined;
  }

  onTransportError(error: Error): void {
    this.#parts.context.log.info({ why: error.message }, 'the caller of a proxied request is gone');
    this.#callerGone();
  }

  onTerminated(): void {
    // A request other than INVITE that nobody answered: too late for an answer (RFC 4320 section 4.2).
    this.#callerGone();
  }

  onSent(_branch: ProxyBranch, request: SipRequest): void {
    this.#parts.onSent(request);
    if (!this.#sent) this.#parts.report({ kind: 'sent' });
    this.#sent = true;
  }

  onProvisional(response: SipResponse): void {
    const stripped = withoutTopVia(response);
    const invite = this.#parts.transaction.request.method === 'INVITE';
    if (!this.#decided && invite && stripped !== undefined) this.#forward(stripped);
  }

  onFinal(branch: ProxyBranch, response: SipResponse, flow: Flow | undefined): void {
    this.#branches.delete(branch);
    if (flow !== undefined) this.#parts.onAnswer(branch.target, response, flow);
    if (!this.#refusedAll(branch)) this.#parts.report({ kind: 'response', response, flow });
    this.#weigh(response, flow);
    this.#goOn();
  }

  onLateSuccess(response: SipResponse): void {
    const stripped = withoutTopVia(response);
    if (stripped === undefined) return;
    const { transaction } = this.#parts;
    // RFC 3261 section 16.7 step 5: each 2xx goes back, whatever went before it, without a state of ours.
    transaction.flow.send(serializeSipMessage(stripped)).catch((error: unknown) => {
      this.#parts.context.log.debug({ err: error }, 'a late 2xx could not be passed on');
    });
  }

  /** The only target could not even be tried: the application hears of that instead. */
  #refusedAll(branch: ProxyBranch): boolean {
    if (branch.refusal === undefined || this.#sent || this.#waiting.length > 0) return false;
    if (this.#branches.size > 0 || this.#over) return false;
    this.#over = true;
    this.#parts.report({
      kind: 'refused',
      sentence: `error proxying request to ${branch.target}: ${branch.refusal}`,
    });
    return true;
  }

  #weigh(response: SipResponse, flow: Flow | undefined): void {
    const { status } = response;
    if (status < 300) {
      this.#succeed(response);
      return;
    }
    if (status < 400 && this.#parts.plan.followRedirects && this.#redirected(response)) return;
    const stripped = flow === undefined ? undefined : withoutTopVia(response);
    this.#failures.push(stripped ?? this.#madeHere(flow === undefined ? status : 500));
    // RFC 3261 section 16.7 step 5: a 6xx speaks for all. A challenge is the caller's to answer, now.
    if (status >= 600) this.#cancelAll([]);
    if (status >= 600 || status === 401 || status === 407) this.#closed = true;
  }

  #succeed(response: SipResponse): void {
    if (this.#decided) {
      this.onLateSuccess(response);
      return;
    }
    const stripped = withoutTopVia(response);
    if (stripped !== undefined) this.#forward(stripped);
    this.#decide(response);
    this.#cancelAll([{ name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' }]);
  }

  #redirected(response: SipResponse): boolean {
    const fresh = redirectTargets(response).filter((uri) => !this.#known.has(uri));
    const room = MAX_TARGETS - this.#known.size;
    const taken = fresh.slice(0, Math.max(0, room));
    for (const uri of taken) this.#known.add(uri);
    this.#waiting.unshift(...taken);
    return taken.length > 0;
  }

  #goOn(): void {
    const searching = !this.#decided && !this.#closed;
    const next = !searching
      ? []
      : this.#parts.plan.simultaneous
        ? this.#waiting.splice(0)
        : this.#branches.size === 0
          ? this.#waiting.splice(0, 1)
          : [];
    for (const target of next) this.#try(target);
    if (this.#branches.size > 0) return;
    this.#conclude();
  }

  #conclude(): void {
    if (!this.#decided) {
      const best = bestResponse(this.#failures) ?? this.#madeHere(408);
      this.#forward(best);
      this.#decide(best);
    }
    if (!this.#over) this.#parts.report({ kind: 'done' });
    this.#over = true;
    this.#parts.onOver(this);
  }

  #try(target: string): void {
    const { context, transaction, plan } = this.#parts;
    const branch = new ProxyBranch({
      context,
      parent: this,
      target,
      request: transaction.request,
      provisionalTimeoutMs: plan.provisionalTimeoutMs,
      finalTimeoutMs: plan.finalTimeoutMs,
      choose: () => this.#parts.choose(target),
      build: (flow) => this.#parts.build(target, flow),
    });
    this.#branches.add(branch);
    branch.start();
  }

  #callerGone(): void {
    this.#decide(undefined);
    this.#cancelAll([]);
  }

  #decide(response: SipResponse | undefined): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#parts.onDecided(response);
  }

  #cancelAll(headers: readonly SipHeader[]): void {
    this.#closed = true;
    for (const branch of [...this.#branches]) branch.cancel(headers);
  }

  /** @param response without a Via of ours */
  #forward(response: SipResponse): void {
    const { transaction, context } = this.#parts;
    if (!transaction.pending) return;
    transaction.respond(response).catch((error: unknown) => {
      context.log.info({ err: error, status: response.status }, 'a response was not passed on');
    });
    // Copies of a 2xx come from the target; sending our own would double them (RFC 6026 section 7.1).
    if (response.status >= 200 && response.status < 300) transaction.ackReceived();
  }

  #madeHere(status: number): SipResponse {
    return createResponse(this.#parts.transaction.request, { status, toTag: newToken() });
  }
}
