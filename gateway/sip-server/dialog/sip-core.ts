import { getHeader } from '../message/headers.js';
import { parseCSeq } from '../message/cseq.js';
import { tagOf } from '../message/name-addr.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type {
  ServerTransaction,
  ServerTransactionHandlers,
  TransactionUser,
} from '../transaction/transaction.js';
import { Proxy } from '../proxy/proxy.js';
import type { ProxyPlan, ProxyReporter } from '../proxy/proxy-command.js';
import { proxyIncoming } from './uas-proxy.js';
import type { Flow } from '../transport/transport.js';
import type {
  Application,
  ApplicationCommands,
  CommandOutcome,
  OutcomeCallback,
  RequestDraft,
  ResponseDraft,
} from './application.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { acknowledgeAndEnd, sendOwnBye } from './own-requests.js';
import { Uac } from './uac.js';
import { requestInDialog } from './uac-inside.js';
import { Uas } from './uas.js';
import { respond } from './uas-respond.js';

/** The transaction user (RFC 3261 section 6): between the transactions below and the applications above. */
export class SipCore implements TransactionUser, ApplicationCommands {
  readonly #context: CoreContext;
  readonly #uas: Uas;
  readonly #uac: Uac;
  readonly #proxy: Proxy;

  constructor(context: CoreContext) {
    this.#context = context;
    this.#proxy = new Proxy(context);
    this.#uas = new Uas(context, (transaction, plan) => this.#proxy.take(transaction, plan));
    this.#uac = new Uac(context);
  }

  /** Requests in either direction that wait for a final response. */
  get waiting(): number {
    return this.#uas.size + this.#uac.size + this.#proxy.size;
  }

  onRequest(transaction: ServerTransaction): ServerTransactionHandlers {
    return this.#proxy.relay(transaction) ?? this.#uas.onRequest(transaction);
  }

  onAck(ack: SipRequest, flow: Flow): void {
    if (!this.#proxy.relayAck(ack, flow)) this.#uas.onAck(ack, flow);
  }

  /** A 2xx so late that its transaction is gone: the ACK must have been lost (RFC 3261 section 13.2.2.4). */
  onStrayResponse(response: SipResponse): void {
    const cseq = parseCSeq(getHeader(response, 'CSeq') ?? '');
    const success = response.status >= 200 && response.status < 300;
    if (!success || cseq?.method !== 'INVITE') return;
    const dialog = this.#context.dialogs.forResponse(response);
    const invite = dialog?.invites.outgoing;
    if (invite?.ack === undefined || invite.sequence !== cseq.number) return;
    if (dialog?.remoteTag !== tagOf(getHeader(response, 'To'))) return;
    this.#context.transactions().sendStateless(invite.ack.request, invite.ack.flow);
  }

  respond(application: Application, transactionId: string, draft: ResponseDraft): CommandOutcome {
    const parts = { context: this.#context, uas: this.#uas, application };
    return respond(parts, transactionId, draft);
  }

  request(
    application: Application,
    command: { draft: RequestDraft; routeUrl: string | undefined },
    done: OutcomeCallback,
  ): void {
    this.#uac.request(application, command, done);
  }

  requestInDialog(
    application: Application,
    command: { draft: RequestDraft; dialogId: string },
    done: OutcomeCallback,
  ): void {
    const parts = { context: this.#context, uac: this.#uac, application };
    requestInDialog(parts, command, done);
  }

  cancel(application: Application, transactionId: string, draft: RequestDraft): CommandOutcome {
    return this.#uac.cancel(application, transactionId, draft);
  }

  proxy(
    application: Application,
    command: { transactionId: string; plan: ProxyPlan },
    report: ProxyReporter,
  ): void {
    const parts = { uas: this.#uas, proxy: this.#proxy, application };
    proxyIncoming(parts, command, report);
  }

  applicationGone(application: Application): void {
    this.#uas.applicationGone(application);
    this.#uac.applicationGone(application);
    for (const dialog of this.#context.dialogs.allOf(application)) this.#abandon(dialog);
  }

  close(): void {
    this.#uas.close();
    this.#uac.close();
    this.#proxy.close();
    this.#context.dialogs.clear();
    this.#context.cache.close();
  }

  /** Nobody else can end this dialog any more, so that the peer must not be left in it. */
  #abandon(dialog: Dialog): void {
    const { incoming, outgoing } = dialog.invites;
    if (dialog.kind !== 'INVITE' || !dialog.confirmed) {
      this.#context.dialogs.remove(dialog);
      return;
    }
    if (incoming?.answered === true) {
      // RFC 3261 section 15: not before the ACK.
      dialog.invites.afterAck = () => {
        sendOwnBye(this.#context, dialog, GONE);
      };
      return;
    }
    if (outgoing?.state === 'pending') outgoing.cancel?.();
    outgoing?.patience?.cancel();
    if (outgoing?.state === 'answered') acknowledgeAndEnd(this.#context, dialog, outgoing.sequence);
    else sendOwnBye(this.#context, dialog, GONE);
  }
}

const GONE = 'Application disconnected';
