import { newUuid } from '../../kernel/ids.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import type {
  ClientTransaction,
  ClientTransactionHandlers,
  TransactionLayer,
} from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import type { FlowChoice, NextChoice } from './flow-choice.js';
import { localNameOf, renameContact } from './local-name.js';

export interface FailoverOptions {
  /** Without Via. */
  request: SipRequest;
  choice: Extract<FlowChoice, { kind: 'flow' }>;
  transactions: TransactionLayer;
  handlers: ClientTransactionHandlers;
  /** The request went out again, to another address. */
  onMoved: (request: SipRequest) => void;
}

/** Sends a request; when its address does not serve it, sends it to the next one of the same hop. */
export function sendWithFailover(options: FailoverOptions): ClientTransaction {
  const { choice, transactions, request, handlers } = options;
  return choice.next === undefined
    ? transactions.send(request, choice.flow, handlers)
    : new FailoverClient(options);
}

/**
 * RFC 3263 section 4.3: after a transport error, a 503, or no response at all, the request goes to the next
 * address in a transaction of its own, everything else of it unchanged. After the first response of a peer,
 * or once the request is cancelled, there is no second try.
 */
class FailoverClient implements ClientTransaction {
  readonly id = newUuid();
  readonly #options: FailoverOptions;
  #current: ClientTransaction;
  #next: NextChoice | undefined;
  #heard = false;
  #cancelled = false;
  #moving = false;

  constructor(options: FailoverOptions) {
    this.#options = options;
    this.#next = options.choice.next;
    this.#current = this.#send(options.request, options.choice.flow);
  }

  get request(): SipRequest {
    return this.#current.request;
  }

  get flow(): Flow {
    return this.#current.flow;
  }

  cancel(extraHeaders: readonly SipHeader[]): void {
    this.#cancelled = true;
    if (!this.#moving) this.#current.cancel(extraHeaders);
  }

  #send(request: SipRequest, flow: Flow): ClientTransaction {
    const { handlers, transactions } = this.#options;
    // The attempt that was given up must not end the whole.
    let over = false;
    const leave = (why: 'unreachable' | 'unavailable', otherwise: () => void): void => {
      if (over) return;
      over = this.#move(why, otherwise);
      if (!over) otherwise();
    };
    return transactions.send(request, flow, {
      onResponse: (response: SipResponse, from: Flow) => {
        const pass = (): void => {
          handlers.onResponse(response, from);
        };
        if (response.status === 503) leave('unavailable', pass);
        else {
          this.#heard = true;
          pass();
        }
      },
      onTrying: () => {
        handlers.onTrying?.();
      },
      onTimeout: () => {
        leave('unreachable', () => {
          handlers.onTimeout();
        });
      },
      onTransportError: (error) => {
        leave('unreachable', () => {
          handlers.onTransportError(error);
        });
      },
      onTerminated: () => {
        if (!over) handlers.onTerminated();
      },
    });
  }

  /** False when there is nowhere to go. `otherwise` reports the failure if that turns out later. */
  #move(why: 'unreachable' | 'unavailable', otherwise: () => void): boolean {
    const next = this.#next;
    if (next === undefined || this.#heard || this.#cancelled) return false;
    this.#next = undefined;
    this.#moving = true;
    next(why)
      .catch((): undefined => undefined)
      .then((choice) => {
        this.#moving = false;
        if (this.#cancelled) this.#options.handlers.onTimeout();
        else if (choice?.kind === 'flow') this.#resend(choice);
        else otherwise();
      })
      .catch(() => {
        otherwise();
      });
    return true;
  }

  #resend(choice: Extract<FlowChoice, { kind: 'flow' }>): void {
    const { request, choice: first, onMoved } = this.#options;
    this.#next = choice.next;
    const renamed = renameContact(request, localNameOf(first.flow), localNameOf(choice.flow));
    this.#current = this.#send(renamed, choice.flow);
    onMoved(this.#current.request);
  }
}
