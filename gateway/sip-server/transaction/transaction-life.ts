import type { StateMachine } from '../../kernel/state-machine.js';
import { TimerSet } from './timer-set.js';
import {
  callUser,
  toError,
  type LiveTransaction,
  type TransactionParent,
} from './transaction-context.js';

/** What the users of all transactions are told. */
interface LifeHandlers {
  onTransportError(error: Error): void;
  onTerminated(): void;
}

export interface TransactionLifeOptions<State extends string> {
  machine: StateMachine<State | 'terminated'>;
  /** Undefined while nobody listens. */
  handlers: () => LifeHandlers | undefined;
  /** The states in which the user must hear that the flow broke. */
  concerned: readonly State[];
}

/** How a transaction of any kind sends over its flow, keeps its timers, breaks with its flow, and ends. */
export class TransactionLife<State extends string, TimerName extends string> {
  readonly timers: TimerSet<TimerName>;
  readonly #transaction: LiveTransaction;
  readonly #parent: TransactionParent;
  readonly #options: TransactionLifeOptions<State>;

  constructor(
    transaction: LiveTransaction,
    parent: TransactionParent,
    options: TransactionLifeOptions<State>,
  ) {
    this.timers = new TimerSet(parent.clock);
    this.#transaction = transaction;
    this.#parent = parent;
    this.#options = options;
  }

  /** @throws Error (as a rejection) when the flow did not take it; the transaction has ended then */
  async send(bytes: Buffer): Promise<void> {
    try {
      await this.#transaction.flow.send(bytes);
    } catch (error) {
      this.flowClosed(toError(error));
      throw error;
    }
  }

  /** Sends, for those who need not know when. */
  post(bytes: Buffer): void {
    // A failure has been reported to the user by send().
    this.send(bytes).catch(() => undefined);
  }

  tell(call: () => void): void {
    callUser(this.#parent.log, call);
  }

  /** Starts the timer whose end is that of the transaction. */
  endAfter(name: TimerName, delayMs: number): void {
    this.timers.start(name, delayMs, () => {
      this.end();
    });
  }

  /** The flow closed: tells the user when that still matters, and ends. */
  flowClosed(error: Error): void {
    const { machine, concerned, handlers } = this.#options;
    if (machine.is(...concerned))
      this.tell(() => {
        handlers()?.onTransportError(error);
      });
    this.end();
  }

  /** Ends without a word, as when the layer closes. */
  abandon(): void {
    const { machine } = this.#options;
    this.timers.close();
    if (!machine.is('terminated')) machine.transition('terminated');
  }

  /** Ends and says so to the layer and to the user; idempotent. */
  end(): void {
    const { machine, handlers } = this.#options;
    if (machine.is('terminated')) return;
    this.abandon();
    this.#parent.ended(this.#transaction);
    this.tell(() => {
      handlers()?.onTerminated();
    });
  }
}
