import { parseCSeq } from '../message/cseq.js';
import { getHeader } from '../message/headers.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import { cancelOf } from '../transaction/hop-requests.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import type { Application } from './application.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { answerTransaction, IncomingRequest } from './incoming-request.js';
import { insideRefusal } from './inside-refusal.js';
import { NewRequests, NO_HANDLERS, type NewRequestTakers } from './new-requests.js';
import { sendOwnBye } from './own-requests.js';
import { reportLost } from './report-lost.js';

/** The server role: requests from the network, on their way to the applications that answer them. */
export class Uas {
  readonly #context: CoreContext;
  /** Requests without a final response, by the application protocol's id. */
  readonly #waiting = new Map<string, IncomingRequest>();

  readonly #newRequests: NewRequests;

  /** @param proxy what a request handler wants proxied goes there */
  constructor(context: CoreContext, proxy: NewRequestTakers['proxy']) {
    this.#context = context;
    this.#newRequests = new NewRequests(context, {
      accept: (transaction, application) =>
        this.#handlersOf(this.#accept(transaction, application, undefined)),
      proxy,
    });
  }

  get size(): number {
    return this.#waiting.size + this.#newRequests.size;
  }

  find(id: string): IncomingRequest | undefined {
    return this.#waiting.get(id);
  }

  onRequest(transaction: ServerTransaction): ServerTransactionHandlers {
    const dialog = this.#context.dialogs.forRequest(transaction.request);
    if (dialog === undefined) return this.#newRequests.receive(transaction);
    const incoming = this.#inside(transaction, dialog);
    return incoming === undefined ? NO_HANDLERS : this.#handlersOf(incoming);
  }

  #handlersOf(incoming: IncomingRequest): ServerTransactionHandlers {
    return {
      onCancel: (cancel) => {
        if (incoming.successor !== undefined) incoming.successor.onCancel(cancel);
        else this.#cancelled(incoming, cancel);
      },
      onAckTimeout: () => {
        this.#notAcknowledged(incoming, 'ACK timeout');
      },
      onTransportError: (error) => {
        if (incoming.successor !== undefined) {
          incoming.successor.onTransportError(error);
          return;
        }
        this.#context.log.info({ why: error.message }, 'a request can no longer be answered');
        this.#unreachable(incoming);
      },
      onTerminated: () => {
        incoming.successor?.onTerminated();
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
    this.#newRequests.close();
    for (const incoming of [...this.#waiting.values()]) this.finish(incoming);
  }

  /** Answers for the application with a failure. */
  refuse(
    incoming: IncomingRequest,
    status: number,
    more: { cancel?: SipRequest; headers?: SipHeader[] | undefined } = {},
  ): void {
    this.finish(incoming);
    this.#recordRefusal(incoming, more.cancel);
    incoming.answer(this.#context, status, more.headers);
    forgetInvite(this.#context, incoming);
  }

  #recordRefusal(incoming: IncomingRequest, cancel: SipRequest | undefined): void {
    if (!incoming.beginsCall) return;
    const { records } = this.#context;
    if (cancel !== undefined) records.stop('network', cancel, 'call-canceled');
    else records.stop('application', incoming.transaction.request, 'call-rejected');
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
    const refused = request.method === 'PRACK' ? this.#prackAnswer(dialog, request) : undefined;
    if (refused !== undefined) {
      answerTransaction(this.#context, transaction, { status: refused, toTag: dialog.localTag });
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
      onExpired: () => {
        const reason = { name: 'Reason', value: 'SIP;cause=487;text="Invitation expired"' };
        this.#cancelled(incoming, cancelOf(request, [reason]));
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
    this.refuse(incoming, 487, { cancel });
    if (incoming.held) reportLost(this.#context, incoming, 'Cancelled before PRACK');
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

  /**
   * What the server itself answers a PRACK: 481 when it names no provisional response that waits (RFC 3262 section 3).
   * Applications do not listen for the PRACK of a call that they have accepted, nor for that of a response which only
   * the caller wanted reliable; one without SDP needs no word of theirs.
   */
  #prackAnswer(dialog: Dialog, prack: SipRequest): number | undefined {
    const invite = dialog.invites.incoming;
    const incoming = invite === undefined ? undefined : this.find(invite.requestId);
    const held = incoming?.held === true;
    const waited = incoming?.reliable?.acknowledge(prack, invite?.sequence ?? 0);
    if (waited === undefined) return 481;
    return prack.body.length === 0 && (held || !waited.asked) ? 200 : undefined;
  }

  /**
   * BYE ends the dialog at once (RFC 3261 section 15.1.2). In an early dialog it stands for a CANCEL: true, as it is
   * answered here and reported as such. After that the application answers it.
   */
  #ended(transaction: ServerTransaction, dialog: Dialog): boolean {
    const invite = dialog.invites.incoming;
    const incoming = invite === undefined ? undefined : this.find(invite.requestId);
    if (!dialog.confirmed && incoming !== undefined) {
      answerTransaction(this.#context, transaction, { status: 200, toTag: dialog.localTag });
      this.#cancelled(incoming, { ...transaction.request, method: 'CANCEL' });
      return true;
    }
    this.#context.dialogs.remove(dialog);
    this.#context.records.ended(dialog, {
      source: 'network',
      message: transaction.request,
      reason: 'normal-release',
    });
    if (incoming !== undefined) this.refuse(incoming, 487);
    if (invite?.answered === true) invite.transaction.ackReceived();
    runAfterAck(dialog);
    return false;
  }
}

/** From now on the dialog has an INVITE of the peer under way. */
export function noteInvite(incoming: IncomingRequest, dialog: Dialog): void {
  const { transaction } = incoming;
  const cseq = parseCSeq(getHeader(transaction.request, 'CSeq') ?? '');
  dialog.invites.incoming = {
    transaction,
    sequence: cseq?.number ?? 0,
    requestId: incoming.id,
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
