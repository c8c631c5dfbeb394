import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type {
  ServerTransaction,
  ServerTransactionHandlers,
  TransactionUser,
} from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';

/** Counts the server transactions of each source on their way to the user. */
export class SourceCounts implements TransactionUser {
  readonly #user: TransactionUser;
  readonly #counts = new Map<string, number>();

  constructor(user: TransactionUser) {
    this.#user = user;
  }

  of(source: string): number {
    return this.#counts.get(source) ?? 0;
  }

  onRequest(transaction: ServerTransaction): ServerTransactionHandlers {
    const source = transaction.flow.remote.host;
    this.#counts.set(source, this.of(source) + 1);
    const handlers = this.#user.onRequest(transaction);
    return {
      onCancel: (cancel) => {
        handlers.onCancel(cancel);
      },
      onAckTimeout: () => {
        handlers.onAckTimeout();
      },
      onTransportError: (error) => {
        handlers.onTransportError(error);
      },
      onTerminated: () => {
        this.#ended(source);
        handlers.onTerminated();
      },
    };
  }

  onAck(ack: SipRequest, flow: Flow): void {
    this.#user.onAck(ack, flow);
  }

  onStrayResponse(response: SipResponse, flow: Flow): void {
    this.#user.onStrayResponse(response, flow);
  }

  #ended(source: string): void {
    const left = this.of(source) - 1;
    if (left > 0) this.#counts.set(source, left);
    else this.#counts.delete(source);
  }
}
