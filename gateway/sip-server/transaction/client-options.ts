import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { ClientTransactionHandlers } from './transaction.js';
import type { TransactionParent } from './transaction-context.js';

/** The layer, as a client transaction sees it. */
export interface ClientParent extends TransactionParent {
  /** Starts the transaction of a CANCEL that already carries the Via of its INVITE. */
  sendCancel(cancel: SipRequest, flow: Flow): void;
}

export interface ClientOptions {
  id: string;
  key: string;
  /** With our Via. */
  request: SipRequest;
  flow: Flow;
  handlers: ClientTransactionHandlers;
  parent: ClientParent;
}

export interface IncomingResponse {
  receive(response: SipResponse, flow: Flow): void;
}
