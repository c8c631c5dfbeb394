import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';

/** The server side of a request (RFC 3261 section 17.2, RFC 6026). */
export interface ServerTransaction {
  readonly id: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  /** True until a final response was handed over. */
  readonly pending: boolean;
  /**
   * Sends a response; the layer retransmits it as RFC 3261 section 17.2 asks and absorbs retransmitted
   * requests. A 2xx to an INVITE is retransmitted until {@link ackReceived} or 64*T1.
   * Resolves with the bytes that went out.
   * @throws Error when a final response was already sent
   */
  respond(response: SipResponse): Promise<Buffer>;
  /** The dialog layer saw the ACK of a 2xx. */
  ackReceived(): void;
}

export interface ServerTransactionHandlers {
  /** A CANCEL matched this INVITE; the layer has answered the CANCEL with 200. */
  onCancel(cancel: SipRequest): void;
  /** No ACK for a 2xx within 64*T1 (RFC 3261 section 13.3.1.4). */
  onAckTimeout(): void;
  /** The response could not be sent at all. */
  onTransportError(error: Error): void;
  onTerminated(): void;
}

/** The client side of a request (RFC 3261 section 17.1, RFC 6026). */
export interface ClientTransaction {
  readonly id: string;
  /** As put on the wire, with our Via. */
  readonly request: SipRequest;
  readonly flow: Flow;
  /** INVITE only: sends CANCEL, at once or after the first provisional response (RFC 3261 section 9.1). */
  cancel(extraHeaders: readonly { name: string; value: string }[]): void;
}

export interface ClientTransactionHandlers {
  /**
   * Every response but 100 and retransmissions. For an INVITE each 2xx of each fork is passed,
   * retransmitted ones too, since the TU answers them with ACK (RFC 6026 section 7.2). Non-2xx finals are ACKed by the layer.
   */
  onResponse(response: SipResponse, flow: Flow): void;
  /** INVITE: a 100 came. */
  onTrying?(): void;
  /** Timer B or F: no final response within 64*T1. */
  onTimeout(): void;
  onTransportError(error: Error): void;
  onTerminated(): void;
}

/** What sits above the transactions: the dialog layer and the application protocol. */
export interface TransactionUser {
  /** A request that started a new server transaction (never ACK, never CANCEL of a known INVITE). */
  onRequest(transaction: ServerTransaction): ServerTransactionHandlers;
  /** An ACK that belongs to no transaction in the Completed state: the ACK of a 2xx. */
  onAck(ack: SipRequest, flow: Flow): void;
  /** A response that matches no client transaction: a late 2xx, or noise. */
  onStrayResponse(response: SipResponse, flow: Flow): void;
}

export interface TransactionLayer {
  /**
   * Starts a client transaction. The layer adds the top Via with a fresh branch; everything else of the
   * request is the caller's. Resolves once the first copy was handed to the transport.
   */
  send(request: SipRequest, flow: Flow, handlers: ClientTransactionHandlers): ClientTransaction;
  /** Sends without a transaction: ACK of a 2xx. Adds the Via. Returns the request as put on the wire. */
  sendStateless(request: SipRequest, flow: Flow): SipRequest;
  /** For leak checks: live transactions of all kinds. */
  readonly size: number;
  /** Ends all transactions and timers without sending anything. */
  close(): void;
}
