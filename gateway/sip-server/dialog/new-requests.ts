import { getHeader } from '../message/headers.js';
import type { SipHeader } from '../message/sip-message.js';
import { tagOf } from '../message/name-addr.js';
import type { ProxyPlan } from '../proxy/proxy-command.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Application, RoutingDecision } from './application.js';
import type { CoreContext } from './core-context.js';
import { DeferredRequest } from './deferred-request.js';
import { answerTransaction } from './incoming-request.js';
import { asksTooShortSession, MIN_SE } from './session-answer.js';

/** Requests that mean nothing outside a dialog. */
const NEEDS_STATE: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
/** With a To tag these, too, belong to a dialog that is gone; others may be news to an application. */
const NEEDS_DIALOG: ReadonlySet<string> = new Set(['INVITE', 'REFER']);
/** Methods that applications commonly take: without one the service is down, not the method unknown. */
const KNOWN: ReadonlySet<string> = new Set(
  'INVITE REGISTER MESSAGE OPTIONS INFO NOTIFY SUBSCRIBE PUBLISH REFER'.split(' '),
);
/** Requests that wait for a request handler's word at the same time; others are refused. */
const MAX_DEFERRED = 1_000;

export interface NewRequestTakers {
  accept: (transaction: ServerTransaction, application: Application) => ServerTransactionHandlers;
  proxy: (transaction: ServerTransaction, plan: ProxyPlan) => ServerTransactionHandlers | undefined;
}

/** Requests outside dialogs: finds who deals with each. */
export class NewRequests {
  readonly #context: CoreContext;
  readonly #takers: NewRequestTakers;
  readonly #deferred = new Set<DeferredRequest>();

  constructor(context: CoreContext, takers: NewRequestTakers) {
    this.#context = context;
    this.#takers = takers;
  }

  /** Requests that wait for a request handler's word. */
  get size(): number {
    return this.#deferred.size;
  }

  receive(transaction: ServerTransaction): ServerTransactionHandlers {
    const { request } = transaction;
    const { method } = request;
    const tagged = tagOf(getHeader(request, 'To')) !== undefined;
    if (NEEDS_STATE.has(method) || (tagged && NEEDS_DIALOG.has(method)))
      return this.#answer(transaction, { status: 481 });
    if (asksTooShortSession(request))
      return this.#answer(transaction, { status: 422, headers: [MIN_SE] });
    if (method === 'INVITE') this.#context.records.attempt('network', request);
    const deferred = new DeferredRequest();
    const { applications } = this.#context;
    const asked =
      this.#deferred.size < MAX_DEFERRED
        ? applications.ask(request, transaction.flow, deferred.signal)
        : undefined;
    if (asked !== undefined) return this.#defer(transaction, deferred, asked);
    const application = applications.pick(method);
    if (application !== undefined) return this.#takers.accept(transaction, application);
    // RFC 3261 sections 21.5.2 and 21.5.4.
    if (KNOWN.has(method)) return this.#answer(transaction, { status: 503 });
    return this.#answer(transaction, { status: 501, headers: [allowOf(applications.methods())] });
  }

  close(): void {
    for (const deferred of this.#deferred) deferred.close();
    this.#deferred.clear();
  }

  #defer(
    transaction: ServerTransaction,
    deferred: DeferredRequest,
    asked: Promise<RoutingDecision>,
  ): ServerTransactionHandlers {
    this.#deferred.add(deferred);
    deferred
      .wait(asked, (decision) => this.#decided(transaction, decision))
      .catch((error: unknown) => {
        this.#context.log.error({ err: error }, 'a request could not be routed: bug');
        this.#answer(transaction, { status: 500 });
      })
      .finally(() => this.#deferred.delete(deferred));
    return deferred;
  }

  #decided(transaction: ServerTransaction, decision: RoutingDecision): ServerTransactionHandlers {
    switch (decision.kind) {
      case 'application':
        return this.#takers.accept(transaction, decision.application);
      case 'proxy':
        return this.#takers.proxy(transaction, decision.plan) ?? NO_HANDLERS;
      case 'answer':
        return this.#answer(transaction, decision);
    }
  }

  #answer(
    transaction: ServerTransaction,
    answer: Parameters<typeof answerTransaction>[2],
  ): ServerTransactionHandlers {
    const { request } = transaction;
    answerTransaction(this.#context, transaction, answer);
    if (request.method === 'INVITE' && answer.status !== 481 && answer.status !== 422)
      this.#context.records.stop('application', request, 'call-rejected');
    return NO_HANDLERS;
  }
}

/** RFC 3261 section 20.5: what somebody here takes, and what belongs to the calls that it may lead to. */
function allowOf(taken: readonly string[]): SipHeader {
  const calls = taken.includes('INVITE') ? ['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE'] : [];
  const known = [...new Set([...taken.filter((method) => KNOWN.has(method)), ...calls])];
  return { name: 'Allow', value: known.join(', ') };
}

export const NO_HANDLERS: ServerTransactionHandlers = {
  onCancel: () => undefined,
  onAckTimeout: () => undefined,
  onTransportError: () => undefined,
  onTerminated: () => undefined,
};
