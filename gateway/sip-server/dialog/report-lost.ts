import { parseCSeq } from '../message/cseq.js';
import { getHeader } from '../message/headers.js';
import type { CoreContext } from './core-context.js';
import type { IncomingRequest } from './incoming-request.js';
import { localNameOf } from './local-name.js';
import { buildInsideRequest } from './request-inside.js';

/**
 * Tells an application that the call which it has accepted was lost before its 2xx went out. An `unsolicited` BYE
 * is the one message that ends a dialog at its side; nothing of it goes to the peer.
 */
export function reportLost(context: CoreContext, incoming: IncomingRequest, reason: string): void {
  const { dialog, application, transaction } = incoming;
  if (dialog === undefined || !application.connected) return;
  const headers = [{ name: 'Reason', value: `SIP;cause=200;text="${reason}"` }];
  const draft = { method: 'BYE', uri: '', headers, body: Buffer.alloc(0) };
  const sequence = (parseCSeq(getHeader(transaction.request, 'CSeq') ?? '')?.number ?? 0) + 1;
  const name = localNameOf(transaction.flow);
  const message = buildInsideRequest(dialog, draft, { sequence, name });
  if ('sentence' in message) return;
  context.log.info({ dialog: dialog.id, reason }, 'an accepted call was lost');
  application.deliver({
    source: 'application',
    message,
    flow: undefined,
    transactionId: 'unsolicited',
    dialogId: dialog.id,
  });
}
