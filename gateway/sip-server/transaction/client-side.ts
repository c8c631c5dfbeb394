import { newUuid } from '../../kernel/ids.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { ClientOptions, ClientParent, IncomingResponse } from './client-options.js';
import type { FlowWatch } from './flow-watch.js';
import { newBranch, withVia } from './hop-requests.js';
import { InviteClient } from './invite-client.js';
import { clientKey } from './matching.js';
import { NonInviteClient } from './non-invite-client.js';
import type { ClientTransaction, ClientTransactionHandlers } from './transaction.js';
import type { LiveTransaction, TransactionContext } from './transaction-context.js';

type LiveClient = InviteClient | NonInviteClient;

/** All client transactions of a layer. */
export class ClientSide implements ClientParent {
  readonly clock: TransactionContext['clock'];
  readonly timers: TransactionContext['timers'];
  readonly log: TransactionContext['log'];
  readonly #watch: FlowWatch;
  readonly #transactions = new Map<string, LiveClient & IncomingResponse>();

  constructor(context: TransactionContext, watch: FlowWatch) {
    this.clock = context.clock;
    this.timers = context.timers;
    this.log = context.log;
    this.#watch = watch;
  }

  get size(): number {
    return this.#transactions.size;
  }

  send(request: SipRequest, flow: Flow, handlers: ClientTransactionHandlers): ClientTransaction {
    if (request.method === 'ACK' || request.method === 'CANCEL')
      throw new Error(`${request.method} has no transaction of its own to start.`);
    return this.#start(withVia(request, flow, newBranch()), flow, handlers);
  }

  sendCancel(cancel: SipRequest, flow: Flow): void {
    const note = (what: string) => (): void => {
      this.log.debug({ remote: flow.remote }, what);
    };
    // The final response of the INVITE decides; that of the CANCEL tells nothing (RFC 3261 section 9.1).
    this.#start(cancel, flow, {
      onResponse: () => undefined,
      onTimeout: note('a CANCEL got no answer'),
      onTransportError: note('a CANCEL could not be sent'),
      onTerminated: () => undefined,
    });
  }

  #start(request: SipRequest, flow: Flow, handlers: ClientTransactionHandlers): LiveClient {
    const key = clientKey(request);
    const options: ClientOptions = { id: newUuid(), key, request, flow, handlers, parent: this };
    const transaction =
      request.method === 'INVITE' ? new InviteClient(options) : new NonInviteClient(options);
    this.#transactions.set(key, transaction);
    this.#watch.add(transaction);
    transaction.start();
    return transaction;
  }

  /** False when the response belongs to no transaction. */
  receive(response: SipResponse, flow: Flow): boolean {
    const transaction = this.#transactions.get(clientKey(response));
    transaction?.receive(response, flow);
    return transaction !== undefined;
  }

  ended(transaction: LiveTransaction): void {
    this.#transactions.delete(transaction.key);
    this.#watch.remove(transaction);
  }

  close(): void {
    for (const transaction of [...this.#transactions.values()]) {
      transaction.life.abandon();
      this.ended(transaction);
    }
  }
}
