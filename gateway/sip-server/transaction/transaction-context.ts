import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { Flow } from '../transport/transport.js';
import type { TransactionTimers } from './timers.js';

/** What each transaction gets from its layer. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: Readonly<TransactionTimers>;
  readonly log: Log;
}

/** What the layer holds of a transaction, whatever its kind. */
export interface LiveTransaction {
  /** The key under which messages find it; unique among transactions of its side. */
  readonly key: string;
  readonly flow: Flow;
  readonly life: {
    /** The flow closed: tell the user, end. */
    flowClosed(error: Error): void;
    /** The layer closes: end without a word. */
    abandon(): void;
  };
}

/** The layer, as a transaction sees it. */
export interface TransactionParent extends TransactionContext {
  ended(transaction: LiveTransaction): void;
}

/** Calls the user of a transaction; a user that throws must not stop a timer or the next message. */
export function callUser(log: Log, call: () => void): void {
  try {
    call();
  } catch (error) {
    log.error({ err: error }, 'a transaction user threw');
  }
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
