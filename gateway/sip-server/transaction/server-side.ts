import { newUuid } from '../../kernel/ids.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { FlowWatch } from './flow-watch.js';
import { InviteServer } from './invite-server.js';
import { isSpiral, mergeKey, serverKey } from './matching.js';
import { NonInviteServer } from './non-invite-server.js';
import type { LiveServerTransaction } from './server-options.js';
import type { TransactionUser } from './transaction.js';
import {
  callUser,
  type LiveTransaction,
  type TransactionContext,
  type TransactionParent,
} from './transaction-context.js';

export interface ServerSideOptions {
  context: TransactionContext;
  watch: FlowWatch;
  user: TransactionUser;
  /** Server transactions at the same time; requests beyond are answered 503. */
  maxTransactions: number;
}

/** All server transactions of a layer, and the way requests find them (RFC 3261 section 17.2.3). */
export class ServerSide implements TransactionParent {
  readonly clock: TransactionContext['clock'];
  readonly timers: TransactionContext['timers'];
  readonly log: TransactionContext['log'];
  readonly #options: ServerSideOptions;
  readonly #transactions = new Map<string, LiveServerTransaction>();
  /** Requests outside dialogs that came, by what their merged copies share. */
  readonly #mergeable = new Map<string, LiveServerTransaction>();

  constructor(options: ServerSideOptions) {
    this.clock = options.context.clock;
    this.timers = options.context.timers;
    this.log = options.context.log;
    this.#options = options;
  }

  get size(): number {
    return this.#transactions.size;
  }

  receive(request: SipRequest, flow: Flow): void {
    const known = this.#transactions.get(serverKey(request));
    if (request.method === 'ACK') this.#onAck(request, flow, known);
    else if (known !== undefined) known.receiveAgain();
    else if (this.#transactions.size >= this.#options.maxTransactions) this.#refuse(request, flow);
    else if (request.method === 'CANCEL') this.#onCancel(request, flow);
    else if (request.method === 'INVITE')
      this.#begin(new InviteServer(this.#newOptions(request, flow)));
    else this.#begin(new NonInviteServer(this.#newOptions(request, flow)));
  }

  #onAck(ack: SipRequest, flow: Flow, known: LiveServerTransaction | undefined): void {
    if (known instanceof InviteServer && known.receiveAck()) return;
    callUser(this.log, () => {
      this.#options.user.onAck(ack, flow);
    });
  }

  #begin(transaction: LiveServerTransaction): void {
    this.#add(transaction);
    const { request } = transaction;
    const merge = mergeKey(request);
    const other = merge === undefined ? undefined : this.#mergeable.get(merge);
    if (other?.served === true && !isSpiral(request, other.request)) {
      // RFC 3261 section 8.2.2.2: the same request came over two paths; one of them is served.
      this.#answer(transaction, 482);
      return;
    }
    if (merge !== undefined && other?.served !== true) this.#mergeable.set(merge, transaction);
    if (request.method === 'INVITE') this.#answer(transaction, 100);
    this.#handOver(transaction);
  }

  #onCancel(cancel: SipRequest, flow: Flow): void {
    const transaction = this.#add(new NonInviteServer(this.#newOptions(cancel, flow)));
    const invite = this.#transactions.get(serverKey(cancel, 'INVITE'));
    if (!(invite instanceof InviteServer)) {
      this.#answer(transaction, 481);
      return;
    }
    // RFC 3261 section 9.2: the answers to the CANCEL and to the INVITE have the same To tag.
    this.#answer(transaction, 200, invite.toTag);
    invite.receiveCancel(cancel);
  }

  #newOptions(request: SipRequest, flow: Flow): ConstructorParameters<typeof InviteServer>[0] {
    return { id: newUuid(), key: serverKey(request), request, flow, parent: this };
  }

  #add<Transaction extends LiveServerTransaction>(transaction: Transaction): Transaction {
    this.#transactions.set(transaction.key, transaction);
    this.#options.watch.add(transaction);
    return transaction;
  }

  #handOver(transaction: LiveServerTransaction): void {
    try {
      transaction.attach(this.#options.user.onRequest(transaction));
    } catch (error) {
      this.log.error({ err: error }, 'a transaction user threw at a request');
      if (transaction.pending) this.#answer(transaction, 500);
    }
  }

  #answer(transaction: LiveServerTransaction, status: number, toTag?: string): void {
    const tag = toTag ?? (status === 100 ? undefined : transaction.id);
    transaction
      .respond(
        createResponse(
          transaction.request,
          tag === undefined ? { status } : { status, toTag: tag },
        ),
      )
      .catch((error: unknown) => {
        this.log.debug({ err: error, status }, 'a response of the layer was not sent');
      });
  }

  /** Without a transaction, so that refusing costs no memory. */
  #refuse(request: SipRequest, flow: Flow): void {
    const response = createResponse(request, {
      status: 503,
      reason: 'Too Many Transactions',
      toTag: 'overload',
      headers: [{ name: 'Retry-After', value: '5' }],
    });
    flow.send(serializeSipMessage(response)).catch((error: unknown) => {
      this.log.debug({ err: error }, 'a 503 was not sent');
    });
  }

  ended(transaction: LiveTransaction): void {
    const known = this.#transactions.get(transaction.key);
    this.#transactions.delete(transaction.key);
    this.#options.watch.remove(transaction);
    const merge = known === undefined ? undefined : mergeKey(known.request);
    if (merge !== undefined && this.#mergeable.get(merge) === known) this.#mergeable.delete(merge);
  }

  close(): void {
    for (const transaction of [...this.#transactions.values()]) {
      transaction.life.abandon();
      this.ended(transaction);
    }
  }
}
