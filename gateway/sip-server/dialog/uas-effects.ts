import { newUuid } from '../../kernel/ids.js';
import { getHeader } from '../message/headers.js';
import { parseNameAddr } from '../message/name-addr.js';
import type { SipResponse } from '../message/sip-message.js';
import type { CoreContext } from './core-context.js';
import { Dialog, endsSubscription } from './dialog.js';
import type { IncomingRequest } from './incoming-request.js';
import { contactOf, localNameOf } from './local-name.js';
import { settleSession } from './session-timer.js';
import { noteNotify, noteSubscription } from './subscription-expiry.js';
import { forgetInvite, noteInvite, type Uas } from './uas.js';

/** What the response does to the dialog and to the memory of the request. */
export function follow(
  context: CoreContext,
  uas: Uas,
  done: { incoming: IncomingRequest; response: SipResponse },
): void {
  const { incoming, response } = done;
  const { request, flow } = incoming.transaction;
  const { status } = response;
  if (status > 100 && status < 300) formDialog(context, incoming, response);
  if (status < 200) return;
  if (incoming.beginsCall) recordFinal(context, incoming, response);
  if (status < 300) settle(context, incoming, response);
  uas.finish(incoming);
  const { dialog } = incoming;
  if (dialog !== undefined && endsSubscription(dialog, request)) context.dialogs.remove(dialog);
  if (status >= 300) forgetInvite(context, incoming);
  else if (BINDING.has(request.method)) context.cache.onAccepted(request, response, flow);
}

/** What a 2xx of ours agrees on: how long a session or a subscription lasts, and what SDP is in force. */
function settle(context: CoreContext, incoming: IncomingRequest, response: SipResponse): void {
  const { dialog } = incoming;
  const { request } = incoming.transaction;
  if (dialog === undefined) return;
  if (request.method === 'INVITE' || request.method === 'UPDATE') {
    dialog.noteLocalSdp(response);
    settleSession(context, dialog, { message: response, ourRole: 'uas' });
  } else if (request.method === 'SUBSCRIBE' && dialog.kind === 'SUBSCRIBE')
    noteSubscription(context, dialog, { request, response });
  else if (request.method === 'NOTIFY') noteNotify(context, dialog, request);
}

/** Their acceptance tells which connection leads to a contact. */
const BINDING: ReadonlySet<string> = new Set(['REGISTER', 'SUBSCRIBE']);

function recordFinal(
  context: CoreContext,
  { dialog }: IncomingRequest,
  message: SipResponse,
): void {
  const { records } = context;
  const source = 'application';
  if (message.status >= 300) records.stop(source, message, 'call-rejected');
  else if (dialog !== undefined) records.answered(dialog, { source, message, role: 'uas' });
}

export function formDialog(
  context: CoreContext,
  incoming: IncomingRequest,
  response: SipResponse,
): void {
  const { request, flow } = incoming.transaction;
  const { method } = request;
  const success = response.status >= 200;
  if (incoming.inside) {
    if (success) refresh(incoming, response);
    return;
  }
  if (method !== 'INVITE' && !(method === 'SUBSCRIBE' && success)) return;
  if (incoming.dialog === undefined) {
    incoming.dialog = new Dialog({
      role: 'uas',
      kind: method,
      request,
      localTag: incoming.localTag,
      flow,
      localContact: contactOf(localNameOf(flow), request.uri),
      application: incoming.application,
    });
    if (method === 'INVITE') noteInvite(incoming, incoming.dialog);
    context.dialogs.add(incoming.dialog);
  }
  incoming.dialog.confirmed ||= success;
  if (getHeader(response, 'RSeq') !== undefined) incoming.dialog.noteLocalSdp(response);
  refresh(incoming, response);
}

/** RFC 6141 section 4: a 2xx settles both targets; from then on an INVITE waits for its ACK. */
function refresh(incoming: IncomingRequest, response: SipResponse): void {
  const { dialog, transaction } = incoming;
  const { method } = transaction.request;
  if (
    dialog === undefined ||
    (method !== 'INVITE' && method !== 'UPDATE' && method !== 'SUBSCRIBE')
  )
    return;
  const contact = getHeader(response, 'Contact');
  if (contact !== undefined && parseNameAddr(contact) !== undefined) dialog.localContact = contact;
  if (response.status < 200) return;
  dialog.refreshTarget(transaction.request);
  dialog.flow = transaction.flow;
  const invite = dialog.invites.incoming;
  if (method !== 'INVITE' || invite?.ackTransactionId !== incoming.id) return;
  invite.answered = true;
  // Applications know the ACK of the initial INVITE by the INVITE's own id.
  if (incoming.inside) invite.ackTransactionId = newUuid();
}

export function transmit(
  context: CoreContext,
  incoming: IncomingRequest,
  response: SipResponse,
): void {
  if (!incoming.transaction.pending) return;
  incoming.transaction.respond(response).catch((error: unknown) => {
    context.log.info({ err: error, status: response.status }, 'a response could not be sent');
  });
}
