import type { SipHeader, SipRequest } from '../message/sip-message.js';
import type { ClientTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import type { CallEnd } from './call-record.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { localNameOf } from './local-name.js';
import { buildInsideRequest } from './request-inside.js';

/** Nobody waits for what becomes of a request that the server sends by itself. */
const NO_HANDLERS: ClientTransactionHandlers = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onTransportError: () => undefined,
  onTerminated: () => undefined,
};

/**
 * Ends a dialog that its application cannot or did not end, and tells the application, if it is still there,
 * with an `unsolicited` BYE. The reason goes into the Reason header (RFC 3326).
 */
export function sendOwnBye(
  context: CoreContext,
  dialog: Dialog,
  why: string | { reason: string; end: CallEnd },
): void {
  const { reason, end } =
    typeof why === 'string' ? { reason: why, end: 'system-initiated-termination' as const } : why;
  if (dialog.ended) return;
  context.dialogs.remove(dialog);
  const headers = [{ name: 'Reason', value: `SIP;cause=200;text="${reason}"` }];
  run(context, dialog, async () => {
    const { request, flow } = await send(context, dialog, { method: 'BYE', headers });
    context.log.info({ dialog: dialog.id, reason }, 'dialog ended by the SIP server');
    context.records.ended(dialog, { source: 'application', message: request, reason: end });
    if (!dialog.application.connected) return;
    dialog.application.deliver({
      source: 'application',
      message: request,
      flow,
      transactionId: 'unsolicited',
      dialogId: dialog.id,
    });
  });
}

/**
 * Ends a dialog that nobody wants: another fork that answered too, or a 2xx that found its application gone
 * (RFC 3261 section 13.2.2.4). No application hears of it.
 */
export function acknowledgeAndEnd(context: CoreContext, dialog: Dialog, sequence: number): void {
  context.dialogs.remove(dialog);
  run(context, dialog, async () => {
    await send(context, dialog, { method: 'ACK', sequence, headers: [] });
    await send(context, dialog, { method: 'BYE', headers: [] });
  });
}

function run(context: CoreContext, dialog: Dialog, task: () => Promise<void>): void {
  const ending = dialog.sending
    .run(task)
    .catch((error: unknown) => {
      context.log.error({ err: error, dialog: dialog.id }, 'a dialog could not be ended');
    })
    .finally(() => context.endings.delete(ending));
  context.endings.add(ending);
}

interface OwnRequest {
  method: 'ACK' | 'BYE';
  headers: SipHeader[];
  /** Of the INVITE, for ACK. */
  sequence?: number;
}

async function send(
  context: CoreContext,
  dialog: Dialog,
  own: OwnRequest,
): Promise<{ request: SipRequest; flow: Flow | undefined }> {
  const choice = await context.flows.inside(dialog);
  const flow = choice.kind === 'flow' ? choice.flow : undefined;
  const draft = { method: own.method, uri: '', headers: own.headers, body: Buffer.alloc(0) };
  const request = buildInsideRequest(dialog, draft, {
    sequence: own.sequence ?? dialog.nextSequence(),
    name: flow === undefined ? context.fallbackName : localNameOf(flow),
  });
  if ('sentence' in request) throw new Error(request.sentence);
  if (flow === undefined) return { request, flow };
  const sent =
    own.method === 'ACK'
      ? context.transactions().sendStateless(request, flow)
      : context.transactions().send(request, flow, NO_HANDLERS).request;
  return { request: sent, flow };
}
