import { parseCSeq } from '../message/cseq.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipRequest } from '../message/sip-message.js';
import { cancelOf } from '../transaction/hop-requests.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import type { Application } from './application.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { answerTransaction, IncomingRequest } from './incoming-request.js';
import { insideRefusal } from './inside-refusal.js';
import { sendOwnBye } from './own-requests.js';

/** Requests that mean nothing outside a dialog. */
const NEEDS_STATE: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
/** With a To tag these, too, belong to a dialog that is gone; others may be news to an application. */
const NEEDS_DIALOG: ReadonlySet<string> = new Set(['INVITE', 'REFER']);
/** Methods that applications commonly take: without one the service is down, not the method unknown. */
const KNOWN: ReadonlySet<string> = new Set(
  'INVITE REGISTER MESSAGE OPTIONS INFO NOTIFY SUBSCRIBE PUBLISH REFER'.split(' '),
);

/** The server role: requests from the network, on their way to the applications that answer them. */
export class Uas {
  readonly #context: CoreContext;
  /** Requests without a final response, by the application protocol's id. */
  readonly #waiting = new Map<string, IncomingRequest>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#waiting.size;
  }

  find(id: string): IncomingRequest | undefined {
    return this.#waiting.get(id);
  }

  onRequest(transaction: ServerTransaction): ServerTransactionHandlers {
    const { request } = transaction;
    const dialog = this.#context.dialogs.forRequest(request);
    const incoming =
      dialog === undefined ? this.#outside(transaction) : this.#inside(transaction, dialog);
    if (incoming === undefined) return NO_HANDLERS;
    return {
      onCancel: (cancel) => {
        this.#cancelled(incoming, cancel);
      },
      onAckTimeout: () => {
        this.#notAcknowledged(incoming, 'ACK timeout');
      },
      onTransportError: (error) => {
        this.#context.log.info({ why: error.message }, 'a request can no longer be answered');
        this.#unreachable(incoming);
      },
      onTerminated: () => {
        this.finish(incoming);
      },
    };
  }

  /** The ACK of a 2xx; any other has been absorbed below. */
  onAck(ack: SipRequest, flow: Flow): void {
    const dialog = this.#context.dialogs.forRequest(ack);
    const invite = dialog?.invites.incoming;
    const sequence = parseCSeq(getHeader(ack, 'CSeq') ?? '')?.number;
    if (dialog === undefined || invite?.answered !== true || invite.sequence !== sequence) return;
    invite.transaction.ackReceived();
    dialog.invites.incoming = undefined;
    if (flow.reliable) dialog.flow = flow;
    this.#deliver(dialog.application, ack, {
      flow,
      transactionId: invite.ackTransactionId,
      dialogId: dialog.id,
    });
    runAfterAck(dialog);
  }

  /** The last word on a request is spoken; idempotent. */
  finish(incoming: IncomingRequest): void {
    incoming.finish();
    this.#waiting.delete(incoming.id);
  }

  applicationGone(application: Application): void {
    for (const incoming of [...this.#waiting.values()]) {
      if (incoming.application !== application) continue;
      this.refuse(incoming, 503);
    }
  }

  close(): void {
    for (const incoming of [...this.#waiting.values()]) this.finish(incoming);
  }

  /** Answers for the application with a failure. */
  refuse(incoming: IncomingRequest, status: number): void {
    this.finish(incoming);
    incoming.answer(this.#context, status);
    forgetInvite(this.#context, incoming);
  }

  #outside(transaction: ServerTransaction): IncomingRequest | undefined {
    const { method, headers } = transaction.request;
    const tagged = tagOf(getHeader({ headers }, 'To')) !== undefined;
    if (NEEDS_STATE.has(method) || (tagged && NEEDS_DIALOG.has(method))) {
      answerTransaction(this.#context, transaction, { status: 481 });
      return undefined;
    }
    const application = this.#context.applications.pick(method);
    if (application === undefined) {
      // RFC 3261 sections 21.5.2 and 21.5.4.
      answerTransaction(this.#context, transaction, { status: KNOWN.has(method) ? 503 : 501 });
      return undefined;
    }
    return this.#accept(transaction, application, undefined);
  }

  #inside(transaction: ServerTransaction, dialog: Dialog): IncomingRequest | undefined {
    const { request, flow } = transaction;
    const refusal = insideRefusal(dialog, request);
    if (refusal !== undefined) {
      answerTransaction(this.#context, transaction, { ...refusal, toTag: dialog.localTag });
      return undefined;
    }
    const sequence = parseCSeq(getHeader(request, 'CSeq') ?? '')?.number;
    dialog.remoteSequence = sequence ?? dialog.remoteSequence;
    if (flow.reliable) dialog.flow = flow;
    if (request.method === 'PRACK' && !this.#acknowledged(dialog, request)) {
      answerTransaction(this.#context, transaction, { status: 481, toTag: dialog.localTag });
      return undefined;
    }
    if (request.method === 'BYE' && this.#ended(transaction, dialog)) return undefined;
    return this.#accept(transaction, dialog.application, dialog);
  }

  #accept(
    transaction: ServerTransaction,
    application: Application,
    dialog: Dialog | undefined,
  ): IncomingRequest {
    const { request, flow } = transaction;
    const incoming: IncomingRequest = new IncomingRequest(this.#context, {
      transaction,
      application,
      dialog,
      onSilence: () => {
        this.#context.log.warn(
          { method: request.method },
          'an application left a request unanswered',
        );
        this.refuse(incoming, request.method === 'INVITE' ? 408 : 500);
      },
    });
    this.#waiting.set(incoming.id, incoming);
    if (incoming.isInvite && dialog !== undefined) noteInvite(incoming, dialog);
    this.#deliver(application, request, {
      flow,
      transactionId: incoming.id,
      dialogId: dialog?.id ?? '',
      outsideDialog: dialog === undefined,
    });
    return incoming;
  }

  #deliver(
    application: Application,
    message: SipRequest,
    how: { flow: Flow; transactionId: string; dialogId: string; outsideDialog?: boolean },
  ): void {
    application.deliver({ source: 'network', message, ...how });
  }

  /** RFC 3261 section 9.2; CANCEL itself has been answered below. */
  #cancelled(incoming: IncomingRequest, cancel: SipRequest): void {
    if (!this.#waiting.has(incoming.id)) return;
    const dialogId = incoming.responded ? (incoming.dialog?.id ?? '') : '';
    this.refuse(incoming, 487);
    const { flow } = incoming.transaction;
    this.#deliver(incoming.application, cancel, { flow, transactionId: incoming.id, dialogId });
  }

  /** Nobody will hear an answer: for the application an INVITE is as good as cancelled. */
  #unreachable(incoming: IncomingRequest): void {
    const { request } = incoming.transaction;
    this.#notAcknowledged(incoming, 'Connection lost before ACK');
    if (!incoming.isInvite) return;
    const reason = { name: 'Reason', value: 'SIP;cause=503;text="Connection lost"' };
    this.#cancelled(incoming, cancelOf(request, [reason]));
  }

  /** RFC 3261 section 13.3.1.4. */
  #notAcknowledged(incoming: IncomingRequest, reason: string): void {
    const { dialog } = incoming;
    const invite = dialog?.invites.incoming;
    if (dialog === undefined || invite?.answered !== true) return;
    if (invite.transaction !== incoming.transaction) return;
    dialog.invites.incoming = undefined;
    if (!runAfterAck(dialog)) sendOwnBye(this.#context, dialog, reason);
  }

  /** A PRACK that names the provisional response it acknowledges (RFC 3262 section 3). */
  #acknowledged(dialog: Dialog, prack: SipRequest): boolean {
    const invite = dialog.invites.incoming;
    const incoming = invite === undefined ? undefined : this.find(invite.ackTransactionId);
    return incoming?.reliable?.acknowledge(prack, invite?.sequence ?? 0) === true;
  }

  /**
   * BYE ends the dialog at once (RFC 3261 section 15.1.2). In an early dialog it stands for a CANCEL: true, as it is
   * answered here and reported as such. After that the application answers it.
   */
  #ended(transaction: ServerTransaction, dialog: Dialog): boolean {
    const invite = dialog.invites.incoming;
    const incoming = invite === undefined ? undefined : this.find(invite.ackTransactionId);
    if (!dialog.confirmed && incoming !== undefined) {
      answerTransaction(this.#context, transaction, { status: 200, toTag: dialog.localTag });
      this.#cancelled(incoming, { ...transaction.request, method: 'CANCEL' });
      return true;
    }
    this.#context.dialogs.remove(dialog);
    if (incoming !== undefined) this.refuse(incoming, 487);
    if (invite?.answered === true) invite.transaction.ackReceived();
    runAfterAck(dialog);
    return false;
  }
}

const NO_HANDLERS: ServerTransactionHandlers = {
  onCancel: () => undefined,
  onAckTimeout: () => undefined,
  onTransportError: () => undefined,
  onTerminated: () => undefined,
};

/** From now on the dialog has an INVITE of the peer under way. */
export function noteInvite(incoming: IncomingRequest, dialog: Dialog): void {
  const { transaction } = incoming;
  const cseq = parseCSeq(getHeader(transaction.request, 'CSeq') ?? '');
  dialog.invites.incoming = {
    transaction,
    sequence: cseq?.number ?? 0,
    ackTransactionId: incoming.id,
    answered: false,
  };
}

/** The INVITE has failed: the dialog that it would have formed is gone, one that it came in goes on. */
export function forgetInvite(context: CoreContext, incoming: IncomingRequest): void {
  const { dialog } = incoming;
  if (!incoming.isInvite || dialog === undefined) return;
  if (dialog.invites.incoming?.ackTransactionId === incoming.id)
    dialog.invites.incoming = undefined;
  if (!incoming.inside) context.dialogs.remove(dialog);
}

/** Sends what waited for the ACK; true when there was something. */
function runAfterAck(dialog: Dialog): boolean {
  const { afterAck } = dialog.invites;
  dialog.invites.afterAck = undefined;
  afterAck?.();
  return afterAck !== undefined;
}
