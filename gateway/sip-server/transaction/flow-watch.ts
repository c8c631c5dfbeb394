import type { Flow } from '../transport/transport.js';
import { toError, type LiveTransaction } from './transaction-context.js';

interface Watched {
  transactions: Set<LiveTransaction>;
  onAbort: () => void;
}

/** Ends the transactions of a connection when it closes: one listener per flow, none for UDP. */
export class FlowWatch {
  readonly #flows = new Map<Flow, Watched>();

  add(transaction: LiveTransaction): void {
    const { flow } = transaction;
    // On a flow that is already closed the first send fails and says so.
    if (!flow.reliable || flow.closed.aborted) return;
    let watched = this.#flows.get(flow);
    if (watched === undefined) {
      watched = {
        transactions: new Set(),
        onAbort: () => {
          this.#flowClosed(flow);
        },
      };
      this.#flows.set(flow, watched);
      flow.closed.addEventListener('abort', watched.onAbort, { once: true });
    }
    watched.transactions.add(transaction);
  }

  remove(transaction: LiveTransaction): void {
    const watched = this.#flows.get(transaction.flow);
    if (watched === undefined) return;
    watched.transactions.delete(transaction);
    if (watched.transactions.size > 0) return;
    transaction.flow.closed.removeEventListener('abort', watched.onAbort);
    this.#flows.delete(transaction.flow);
  }

  #flowClosed(flow: Flow): void {
    const watched = this.#flows.get(flow);
    this.#flows.delete(flow);
    for (const transaction of watched?.transactions ?? [])
      transaction.life.flowClosed(toError(flow.closed.reason));
  }
}
