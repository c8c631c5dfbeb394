import type { SipRequest } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { ServerTransaction, ServerTransactionHandlers } from './transaction.js';
import type { LiveTransaction, TransactionParent } from './transaction-context.js';

export interface ServerOptions {
  id: string;
  key: string;
  request: SipRequest;
  flow: Flow;
  parent: TransactionParent;
}

/** A server transaction, as the layer sees it. */
export interface LiveServerTransaction extends ServerTransaction, LiveTransaction {
  /** The user's handlers; what happens before they are attached concerns nobody. */
  attach(handlers: ServerTransactionHandlers): void;
  /** Not answered yet, or with success a moment ago: a copy over another path is no second request. */
  readonly served: boolean;
  /** A copy of the request came. */
  receiveAgain(): void;
}
