import { parseCSeq } from '../message/cseq.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import { GIVE_UP_MS, type CoreContext } from './core-context.js';
import { Dialog, endsSubscription } from './dialog.js';
import { contactOf, localNameOf } from './local-name.js';
import type { OutgoingRequest, ResponseRule } from './outgoing-request.js';
import { acknowledgeAndEnd, sendOwnBye } from './own-requests.js';
import { settleSession } from './session-timer.js';
import { noteNotify, noteSubscription } from './subscription-expiry.js';

/** Requests that re-negotiate a call. */
const CHANGES_CALL: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);

/** What responses do to dialogs (RFC 3261 sections 12 to 15, RFC 6665). */
export class ResponseRules implements ResponseRule {
  readonly #context: CoreContext;
  readonly #onFinal: (outgoing: OutgoingRequest) => void;

  /** @param onFinal the request has its final response */
  constructor(context: CoreContext, onFinal: (outgoing: OutgoingRequest) => void) {
    this.#context = context;
    this.#onFinal = onFinal;
  }

  onResponse(outgoing: OutgoingRequest, response: SipResponse, flow: Flow | undefined): boolean {
    if (response.status >= 200) this.#onFinal(outgoing);
    if (outgoing.method === 'INVITE')
      return outgoing.inside
        ? this.#reinvite(outgoing, response, flow)
        : this.#invite(outgoing, response, flow);
    if (outgoing.finished) return false;
    this.#other(outgoing, response, flow);
    return true;
  }

  /**
   * RFC 3261 section 12.2.1.2 and RFC 5057 section 5: the peer does not know the call any more, or is silent to what
   * would change it. Unless the application ends it at once, it ends here.
   */
  onDelivered({ dialog, method, inside }: OutgoingRequest, { status }: SipResponse): void {
    if (!inside || dialog?.kind !== 'INVITE' || !dialog.confirmed) return;
    const gone = status === 481 && (CHANGES_CALL.has(method) || method === 'INFO');
    const silent = status === 408 && CHANGES_CALL.has(method);
    if (gone) sendOwnBye(this.#context, dialog, 'The peer does not know the call any more');
    else if (silent) sendOwnBye(this.#context, dialog, 'The peer does not answer');
  }

  #invite(outgoing: OutgoingRequest, response: SipResponse, flow: Flow | undefined): boolean {
    const { status } = response;
    const tag = tagOf(getHeader(response, 'To'));
    if (status >= 200 && status < 300 && flow !== undefined)
      return this.#success(outgoing, response, { flow, tag });
    if (outgoing.finished) return false;
    if (status >= 300) {
      if (outgoing.dialog !== undefined) this.#context.dialogs.remove(outgoing.dialog);
      const reason = outgoing.cancelled ? 'call-canceled' : 'call-rejected';
      this.#context.records.stop('network', response, reason);
    } else if (!outgoing.provisionals.takes(response)) return false;
    else if (tag !== undefined && flow !== undefined && outgoing.application.connected)
      this.#learn(outgoing, response, flow);
    return true;
  }

  #success(
    outgoing: OutgoingRequest,
    response: SipResponse,
    from: { flow: Flow; tag: string | undefined },
  ): boolean {
    const known = outgoing.dialog;
    if (known?.confirmed === true) {
      if (known.remoteTag === from.tag) this.#repeatAck(known, outgoing);
      else this.#endFork(outgoing, response, from.flow);
      return false;
    }
    // Nobody is left to talk: it timed out here, or its application is gone.
    if (outgoing.finished || !outgoing.application.connected) {
      if (known !== undefined) this.#context.dialogs.remove(known);
      this.#endFork(outgoing, response, from.flow);
      return false;
    }
    const dialog = this.#learn(outgoing, response, from.flow);
    dialog.confirmed = true;
    this.#context.records.answered(dialog, { source: 'network', message: response, role: 'uac' });
    this.#settle(dialog, outgoing, response);
    this.#answered(dialog, outgoing);
    return true;
  }

  #reinvite(outgoing: OutgoingRequest, response: SipResponse, flow: Flow | undefined): boolean {
    const { dialog } = outgoing;
    if (dialog === undefined) return !outgoing.finished;
    if (outgoing.finished) {
      if (response.status < 300) this.#repeatAck(dialog, outgoing);
      return false;
    }
    const invite = dialog.invites.outgoing;
    const own = invite?.sequence === sequenceOf(outgoing);
    if (response.status >= 300 && own) invite.state = 'over';
    if (response.status >= 200 && response.status < 300) {
      dialog.refreshTarget(response);
      if (flow !== undefined) dialog.flow = flow;
      this.#settle(dialog, outgoing, response);
      this.#answered(dialog, outgoing);
    }
    return true;
  }

  #other(outgoing: OutgoingRequest, response: SipResponse, flow: Flow | undefined): void {
    const { dialog, method } = outgoing;
    const { status } = response;
    if (status < 200) return;
    if (dialog !== undefined) {
      if (status < 300) this.#accepted(dialog, outgoing, response);
      if (endsDialog(dialog, outgoing, status)) this.#context.dialogs.remove(dialog);
    } else if (method === 'SUBSCRIBE' && status < 300 && flow !== undefined) {
      const subscription = this.#learn(outgoing, response, flow);
      subscription.confirmed = true;
      noteSubscription(this.#context, subscription, { request: outgoing.request, response });
    }
  }

  /** A 2xx to a request in a dialog, INVITE apart. */
  #accepted(dialog: Dialog, { method, request }: OutgoingRequest, response: SipResponse): void {
    if (method === 'UPDATE') {
      dialog.refreshTarget(response);
      dialog.noteLocalSdp(request);
      settleSession(this.#context, dialog, { message: response, ourRole: 'uac' });
    } else if (method === 'SUBSCRIBE') {
      dialog.refreshTarget(response);
      if (dialog.kind === 'SUBSCRIBE')
        noteSubscription(this.#context, dialog, { request, response });
    } else if (method === 'NOTIFY') noteNotify(this.#context, dialog, request);
  }

  #settle(dialog: Dialog, { request }: OutgoingRequest, response: SipResponse): void {
    dialog.noteLocalSdp(request);
    settleSession(this.#context, dialog, { message: response, ourRole: 'uac' });
  }

  /** The dialog that this response speaks of: the latest fork, until one is confirmed. */
  #learn(outgoing: OutgoingRequest, response: SipResponse, flow: Flow): Dialog {
    const dialog = (outgoing.dialog ??= newDialog(outgoing, flow));
    dialog.learnFrom(response);
    dialog.flow = flow;
    this.#context.dialogs.add(dialog);
    return dialog;
  }

  /** The application must send ACK; if it does not, the call ends rather than hang. */
  #answered(dialog: Dialog, outgoing: OutgoingRequest): void {
    const sequence = sequenceOf(outgoing);
    dialog.invites.outgoing?.patience?.cancel();
    dialog.invites.outgoing = {
      sequence,
      state: 'answered',
      cancelled: outgoing.cancelled,
      patience: this.#context.clock.setTimer(() => {
        sendOwnBye(this.#context, dialog, 'No ACK from the application');
      }, GIVE_UP_MS),
    };
  }

  /** RFC 3261 section 13.2.2.4: each 2xx that comes again gets the ACK again. */
  #repeatAck(dialog: Dialog, outgoing: OutgoingRequest): void {
    const invite = dialog.invites.outgoing;
    if (invite?.ack === undefined || invite.sequence !== sequenceOf(outgoing)) return;
    this.#context.transactions().sendStateless(invite.ack.request, invite.ack.flow);
  }

  #endFork(outgoing: OutgoingRequest, response: SipResponse, flow: Flow): void {
    const fork = newDialog(outgoing, flow);
    fork.learnFrom(response);
    acknowledgeAndEnd(this.#context, fork, sequenceOf(outgoing));
  }
}

function newDialog(outgoing: OutgoingRequest, flow: Flow): Dialog {
  const { request } = outgoing;
  return new Dialog({
    role: 'uac',
    kind: outgoing.method === 'SUBSCRIBE' ? 'SUBSCRIBE' : 'INVITE',
    request,
    localTag: tagOf(getHeader(request, 'From')) ?? '',
    flow,
    localContact: getHeader(request, 'Contact') ?? contactOf(localNameOf(flow), request.uri),
    application: outgoing.application,
  });
}

function sequenceOf(outgoing: OutgoingRequest): number {
  return parseCSeq(getHeader(outgoing.request, 'CSeq') ?? '')?.number ?? 0;
}

function endsDialog(dialog: Dialog, outgoing: OutgoingRequest, status: number): boolean {
  // RFC 6665 sections 4.1.2.2 and 4.2.2.
  if (dialog.kind === 'SUBSCRIBE' && status === 481) return true;
  // A challenged BYE comes again with credentials; all other answers end the dialog (RFC 3261 section 15.1.1).
  if (outgoing.method === 'BYE') return status !== 401 && status !== 407;
  return endsSubscription(dialog, outgoing.request);
}
