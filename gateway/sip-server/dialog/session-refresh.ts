import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { inviteInProgress, type OutgoingInvite } from './invite-state.js';
import { localNameOf } from './local-name.js';
import { buildInsideRequest } from './request-inside.js';
import { formatSessionExpires, minSessionOf, MIN_SESSION_SECONDS } from './session-expires.js';

export interface RefreshParts {
  seconds: number;
  /** The peer has agreed to another interval. */
  onAccepted: (response: SipResponse) => void;
  /** The peer does not know the dialog any more, or does not answer. */
  onGone: () => void;
  /** Not now. */
  onLater: () => void;
  /** The peer, or a proxy, asks for an interval of at least so many seconds (RFC 4028 section 7.3). */
  onTooShort: (seconds: number) => void;
}

/**
 * Refreshes a session with a re-INVITE that offers what is already agreed, and acknowledges its 2xx; the application
 * takes no notice (RFC 4028 section 7.4). Where nothing is known to offer, an UPDATE without SDP does it.
 */
export function sendRefresh(context: CoreContext, dialog: Dialog, parts: RefreshParts): void {
  dialog.sending
    .run(() => send(context, dialog, parts))
    .catch((error: unknown) => {
      context.log.error({ err: error, dialog: dialog.id }, 'a session was not refreshed');
      parts.onLater();
    });
}

async function send(context: CoreContext, dialog: Dialog, parts: RefreshParts): Promise<void> {
  if (dialog.ended) return;
  if (inviteInProgress(dialog.invites)) {
    parts.onLater();
    return;
  }
  const choice = await context.flows.inside(dialog);
  if (choice.kind !== 'flow') {
    parts.onGone();
    return;
  }
  const body = dialog.localSdp ?? Buffer.alloc(0);
  const method = body.length > 0 ? 'INVITE' : 'UPDATE';
  const sequence = dialog.nextSequence();
  const draft = { method, uri: '', headers: headersOf(parts.seconds), body };
  const name = localNameOf(choice.flow);
  const request = buildInsideRequest(dialog, draft, { sequence, name });
  if ('sentence' in request) throw new Error(request.sentence);
  const invite: OutgoingInvite | undefined =
    method === 'INVITE' ? { sequence, state: 'pending', cancelled: false } : undefined;
  if (invite !== undefined) dialog.invites.outgoing = invite;
  transmit(context, { dialog, parts, invite, request, flow: choice.flow });
}

function headersOf(seconds: number): SipHeader[] {
  return [
    { name: 'Supported', value: 'timer' },
    { name: 'Session-Expires', value: formatSessionExpires(seconds, 'uac') },
    { name: 'Min-SE', value: String(MIN_SESSION_SECONDS) },
  ];
}

interface Refresh {
  dialog: Dialog;
  parts: RefreshParts;
  invite: OutgoingInvite | undefined;
  request: SipRequest;
  flow: Flow;
}

function transmit(context: CoreContext, refresh: Refresh): void {
  const { parts, invite, request, flow } = refresh;
  const lost = (): void => {
    if (invite !== undefined) invite.state = 'over';
    parts.onGone();
  };
  const client = context.transactions().send(request, flow, {
    onResponse: (response, from) => {
      if (response.status >= 200) answered(context, refresh, { response, from });
    },
    onTimeout: lost,
    onTransportError: lost,
    onTerminated: () => undefined,
  });
  if (invite === undefined) return;
  invite.cancel = () => {
    client.cancel([]);
  };
}

function answered(
  context: CoreContext,
  { dialog, parts, invite, flow }: Refresh,
  { response, from }: { response: SipResponse; from: Flow },
): void {
  const { status } = response;
  if (status < 300) {
    if (tagOf(getHeader(response, 'To')) !== dialog.remoteTag) return;
    const again = invite?.state === 'acknowledged';
    if (invite !== undefined) acknowledge(context, dialog, { invite, flow });
    if (again) return;
    dialog.refreshTarget(response);
    if (from.reliable) dialog.flow = from;
    parts.onAccepted(response);
    return;
  }
  if (invite !== undefined) invite.state = 'over';
  refused(parts, response);
}

/** RFC 4028 section 10. */
function refused(parts: RefreshParts, response: SipResponse): void {
  const { status } = response;
  const least = status === 422 ? minSessionOf(response) : undefined;
  if (status === 408 || status === 481) parts.onGone();
  else if (least !== undefined && least > parts.seconds) parts.onTooShort(least);
  else parts.onLater();
}

/** RFC 3261 section 13.2.2.4; for each copy of the 2xx. */
function acknowledge(
  context: CoreContext,
  dialog: Dialog,
  { invite, flow }: { invite: OutgoingInvite; flow: Flow },
): void {
  const draft = { method: 'ACK', uri: '', headers: [], body: Buffer.alloc(0) };
  const fixed = { sequence: invite.sequence, name: localNameOf(flow) };
  const request = buildInsideRequest(dialog, draft, fixed);
  if ('sentence' in request) return;
  invite.state = 'acknowledged';
  invite.ack = { request, flow };
  context.transactions().sendStateless(request, flow);
}
