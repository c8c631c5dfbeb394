import type { SipRequest } from '../message/sip-message.js';
import type { ServerTransactionHandlers } from '../transaction/transaction.js';
import type { RoutingDecision } from './application.js';

/** A new request that waits for the word who deals with it; then it is theirs. */
export class DeferredRequest implements ServerTransactionHandlers {
  readonly #given = new AbortController();
  #successor: ServerTransactionHandlers | undefined;
  #over = false;

  /** Aborted when the request is over before the word came. */
  get signal(): AbortSignal {
    return this.#given.signal;
  }

  /** @param take gives the request to whom it belongs; not called when it is over */
  async wait(
    decision: Promise<RoutingDecision>,
    take: (decision: RoutingDecision) => ServerTransactionHandlers | undefined,
  ): Promise<void> {
    const decided = await decision;
    if (!this.#over) this.#successor = take(decided);
  }

  close(): void {
    this.#over = true;
    this.#given.abort();
  }

  /** Unless somebody has the request by now, the layer's own 487 is all there is to say. */
  onCancel(cancel: SipRequest): void {
    if (this.#successor === undefined) this.close();
    else this.#successor.onCancel(cancel);
  }

  onAckTimeout(): void {
    this.#successor?.onAckTimeout();
  }

  onTransportError(error: Error): void {
    if (this.#successor === undefined) this.close();
    else this.#successor.onTransportError(error);
  }

  onTerminated(): void {
    if (this.#successor === undefined) this.close();
    else this.#successor.onTerminated();
  }
}
