import type { Timer } from '../../kernel/clock.js';
import { newUuid } from '../../kernel/ids.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import { createResponse } from '../message/response.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { ClientTransaction, ClientTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import type { Application } from './application.js';
import type { CoreContext } from './core-context.js';
import { dialogIdOf, type Dialog } from './dialog.js';
import { RseqOrder } from './rseq-order.js';

/** What an outgoing request does beyond reporting its responses. */
export interface ResponseRule {
  /** Sees each response before the application; false keeps it from the application. */
  onResponse(outgoing: OutgoingRequest, response: SipResponse, flow: Flow | undefined): boolean;
  /** The application has the response. */
  onDelivered(outgoing: OutgoingRequest, response: SipResponse): void;
}

/** A request of an application on its way through the network, until its final response. */
export class OutgoingRequest implements ClientTransactionHandlers {
  /** The application protocol's id. */
  readonly id = newUuid();
  readonly application: Application;
  /** As sent; before that as it would have been. */
  request: SipRequest;
  /** The dialog that it was sent in, or that its responses have formed. */
  dialog: Dialog | undefined;
  readonly inside: boolean;
  client: ClientTransaction | undefined;
  cancelled = false;
  /** Until a response made here goes out. */
  delay: Timer | undefined;
  /** A final response has been passed on. */
  finished = false;
  readonly provisionals = new RseqOrder();
  readonly #context: CoreContext;
  readonly #rule: ResponseRule;
  /** What came before the application knew of the request; undefined once it does. */
  #early: (() => void)[] | undefined = [];

  constructor(
    context: CoreContext,
    parts: {
      application: Application;
      request: SipRequest;
      dialog: Dialog | undefined;
      rule: ResponseRule;
    },
  ) {
    this.#context = context;
    this.application = parts.application;
    this.request = parts.request;
    this.dialog = parts.dialog;
    this.inside = parts.dialog !== undefined;
    this.#rule = parts.rule;
  }

  get method(): string {
    return this.request.method;
  }

  get dialogId(): string {
    if (this.dialog !== undefined) return this.dialog.id;
    if (this.method !== 'INVITE' && this.method !== 'SUBSCRIBE') return '';
    const callId = getHeader(this.request, 'Call-ID') ?? '';
    return dialogIdOf(callId, tagOf(getHeader(this.request, 'From')) ?? '');
  }

  /** The application has been told the id: what came meanwhile follows. */
  announced(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) event();
  }

  onResponse(response: SipResponse, flow: Flow | undefined): void {
    if (this.#early !== undefined) {
      this.#early.push(() => {
        this.onResponse(response, flow);
      });
      return;
    }
    if (!this.#rule.onResponse(this, response, flow)) return;
    if (response.status >= 200) this.finished = true;
    this.application.deliver({
      source: 'network',
      message: response,
      flow,
      transactionId: this.id,
      dialogId: this.dialogId,
    });
    this.#rule.onDelivered(this, response);
  }

  /** RFC 3261 section 8.1.3.1: a timeout counts as 408; after a CANCEL, section 9.1, as cancelled. */
  onTimeout(): void {
    this.makeResponse(this.cancelled ? 487 : 408);
  }

  /** RFC 3261 section 8.1.3.1: a transport error counts as 503. */
  onTransportError(error: Error): void {
    this.#context.log.info({ why: error.message, method: this.method }, 'a request was not sent');
    this.makeResponse(503, { why: error.message });
  }

  /** The final response, or the error, came before this. */
  onTerminated(): void {
    return undefined;
  }

  /** A final response that no peer sent; nothing happens after another final one. `why` goes into a Reason header. */
  makeResponse(
    status: number,
    { reason, why }: { reason?: string; why?: string | undefined } = {},
  ): void {
    if (this.finished) return;
    const text = why?.replace(/[\u0000-\u001f\u007f"\\]+/g, ' ');
    const response = createResponse(this.request, {
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(text === undefined
        ? {}
        : { headers: [{ name: 'Reason', value: `SIP;cause=${status};text="${text}"` }] }),
    });
    this.onResponse(response, undefined);
  }
}
