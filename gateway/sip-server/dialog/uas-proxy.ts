import type { ProxyPlan, ProxyReporter } from '../proxy/proxy-command.js';
import type { Proxy } from '../proxy/proxy.js';
import type { Application } from './application.js';
import { reasonPhrase } from '../message/reason-phrases.js';
import type { Uas } from './uas.js';

/** An application hands a request that waits for its answer to the proxy. */
export function proxyIncoming(
  parts: { uas: Uas; proxy: Proxy; application: Application },
  command: { transactionId: string; plan: ProxyPlan },
  report: ProxyReporter,
): void {
  const { uas, proxy, application } = parts;
  const { transactionId, plan } = command;
  const incoming = uas.find(transactionId);
  // A request in a dialog of the server's own cannot leave it, nor one that has formed a dialog here.
  if (
    incoming?.application !== application ||
    !incoming.transaction.pending ||
    incoming.dialog !== undefined
  ) {
    report({ kind: 'refused', sentence: `Unknown transaction id: ${transactionId}` });
    return;
  }
  const refusal = proxy.refusal(incoming.transaction.request);
  if (refusal !== undefined) {
    uas.refuse(incoming, refusal.status, { headers: refusal.headers });
    const { status } = refusal;
    report({ kind: 'refused', sentence: `Rejected with ${status} ${reasonPhrase(status)}` });
    return;
  }
  uas.finish(incoming);
  incoming.successor = proxy.begin(incoming.transaction, plan, report);
}
