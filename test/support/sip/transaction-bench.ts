import { createResponse } from '../../../gateway/sip-server/message/response.js';
import type { SipRequest, SipResponse } from '../../../gateway/sip-server/message/sip-message.js';
import type {
  ClientTransactionHandlers,
  ServerTransaction,
  TransactionUser,
} from '../../../gateway/sip-server/transaction/transaction.js';
import {
  createTransactionLayer,
  type RunningTransactionLayer,
} from '../../../gateway/sip-server/transaction/transaction-layer.js';
import { ManualClock } from '../manual-clock.js';
import { SimulatedLink, type LinkOptions } from './simulated-link.js';

/** A transaction user that writes down what it is told. */
export class RecordingUser implements TransactionUser {
  readonly requests: ServerTransaction[] = [];
  readonly acks: SipRequest[] = [];
  readonly strays: SipResponse[] = [];
  /** `cancel`, `ack-timeout`, `error <message>`, `terminated` of server transactions, in order. */
  readonly events: string[] = [];
  /** Runs within onRequest. */
  onNew: (transaction: ServerTransaction) => void = () => undefined;
  onCancel: () => void = () => undefined;
  onAckReceived: () => void = () => undefined;

  onRequest(transaction: ServerTransaction): ReturnType<TransactionUser['onRequest']> {
    this.requests.push(transaction);
    this.onNew(transaction);
    return {
      onCancel: () => {
        this.events.push('cancel');
        this.onCancel();
      },
      onAckTimeout: () => this.events.push('ack-timeout'),
      onTransportError: (error) => this.events.push(`error ${error.message}`),
      onTerminated: () => this.events.push('terminated'),
    };
  }

  onAck(ack: SipRequest): void {
    this.acks.push(ack);
    this.onAckReceived();
  }

  onStrayResponse(response: SipResponse): void {
    this.strays.push(response);
  }

  get last(): ServerTransaction {
    const transaction = this.requests.at(-1);
    if (transaction === undefined) throw new Error('No request came.');
    return transaction;
  }

  /** Answers the last request. */
  answer(status: number, toTag = 'b1'): Promise<Buffer> {
    const { last } = this;
    return last.respond(createResponse(last.request, { status, toTag }));
  }
}

/** Client handlers that write down `180`, `timeout`, `error <message>`, `terminated`. */
export function recordClient(): { events: string[]; handlers: ClientTransactionHandlers } {
  const events: string[] = [];
  return {
    events,
    handlers: {
      onResponse: (response) => events.push(String(response.status)),
      onTimeout: () => events.push('timeout'),
      onTransportError: (error) => events.push(`error ${error.message}`),
      onTerminated: () => events.push('terminated'),
    },
  };
}

export interface TransactionBench {
  clock: ManualClock;
  link: SimulatedLink;
  /** Sends requests. */
  a: RunningTransactionLayer;
  aUser: RecordingUser;
  /** Answers them. */
  b: RunningTransactionLayer;
  bUser: RecordingUser;
}

/** Two transaction layers joined by a simulated link, all on one clock. */
export function transactionBench(
  options: Omit<LinkOptions, 'clock'> & { maxServerTransactions?: number } = {},
): TransactionBench {
  const clock = new ManualClock();
  const link = new SimulatedLink({ clock, ...options });
  const layer = (transactionUser: RecordingUser): RunningTransactionLayer =>
    createTransactionLayer({
      clock,
      transactionUser,
      ...(options.maxServerTransactions === undefined
        ? {}
        : { maxServerTransactions: options.maxServerTransactions }),
    });
  const aUser = new RecordingUser();
  const bUser = new RecordingUser();
  const a = layer(aUser);
  const b = layer(bUser);
  link.a.onMessage = (message, flow) => {
    a.handleMessage(message, flow);
  };
  link.b.onMessage = (message, flow) => {
    b.handleMessage(message, flow);
  };
  return { clock, link, a, aUser, b, bUser };
}

export interface ServerBench extends TransactionBench {
  /** Puts a request into layer b. */
  receive: (message: SipRequest) => void;
}

/** Layer b alone: requests are put in by hand, what it sends is written down and lost. */
export function serverBench(options: Parameters<typeof transactionBench>[0] = {}): ServerBench {
  const bench = transactionBench({ fate: () => [], ...options });
  const { b, link } = bench;
  return {
    ...bench,
    receive: (message) => {
      b.handleMessage(message, link.b);
    },
  };
}

/** What is left of transactions and timers after the longest time that any of them may live on: three zeros. */
export async function leftovers(bench: TransactionBench): Promise<number[]> {
  // 64*T1 for an INVITE after its CANCEL, the same for the final response of the peer, and some.
  await bench.clock.advanceAsync(3 * 32_000);
  return [bench.a.size, bench.b.size, bench.clock.pending];
}
