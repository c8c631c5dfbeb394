import { StateMachine } from '../../kernel/state-machine.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import { ackOf, cancelOf } from './hop-requests.js';
import { giveUpAfter, timerD } from './timers.js';
import type { ClientTransaction, ClientTransactionHandlers } from './transaction.js';
import type { ClientOptions, ClientParent, IncomingResponse } from './client-options.js';
import type { LiveTransaction } from './transaction-context.js';
import { TransactionLife } from './transaction-life.js';

type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  calling: ['proceeding', 'accepted', 'completed', 'terminated'],
  proceeding: ['accepted', 'completed', 'terminated'],
  accepted: ['terminated'],
  completed: ['terminated'],
  terminated: [],
};

const CONCERNED: readonly State[] = ['calling', 'proceeding'];

/**
 * The client side of an INVITE (RFC 3261 section 17.1.1 with the Accepted state of RFC 6026 section 7.2):
 *
 *     calling -- 1xx --> proceeding        calling: timer A sends again (UDP: T1, 2*T1, 4*T1 ...),
 *        |                   |                      timer B (64*T1) -> onTimeout -> terminated
 *        +------- 2xx -------+--> accepted          passes every 2xx on; timer M (64*T1) -> terminated
 *        |                   |
 *        +----- 300-699 -----+--> completed         sends the ACK, again for each copy of the response;
 *                                                   timer D (64*T1 on UDP, 0 otherwise) -> terminated
 *
 * CANCEL waits for the first provisional response (section 9.1). 64*T1 after it without a final
 * response the INVITE counts as cancelled: onTimeout -> terminated.
 * A transport error in any state before a final response -> onTransportError -> terminated.
 */
export class InviteClient implements ClientTransaction, LiveTransaction, IncomingResponse {
  readonly id: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly life: TransactionLife<State, 'A' | 'B' | 'D' | 'M' | 'cancel'>;
  readonly #handlers: ClientTransactionHandlers;
  readonly #parent: ClientParent;
  readonly #bytes: Buffer;
  readonly #machine = new StateMachine<State>({
    name: 'invite-client-transaction',
    initial: 'calling',
    transitions: TRANSITIONS,
  });
  #ack: Buffer | undefined;
  /** Asked for but held back. */
  #heldCancel: readonly SipHeader[] | undefined;
  #cancelled = false;

  constructor(options: ClientOptions) {
    this.id = options.id;
    this.key = options.key;
    this.request = options.request;
    this.flow = options.flow;
    this.#handlers = options.handlers;
    this.#parent = options.parent;
    this.life = new TransactionLife(this, options.parent, {
      machine: this.#machine,
      handlers: () => options.handlers,
      concerned: CONCERNED,
    });
    this.#bytes = serializeSipMessage(options.request);
  }

  start(): void {
    const { t1 } = this.#parent.timers;
    // RFC 3261 section 17.1.1.2: timer A doubles without a ceiling; timer B ends it.
    if (!this.flow.reliable)
      this.life.timers.startDoubling('A', { first: t1, longest: Infinity }, () => {
        this.life.post(this.#bytes);
      });
    this.life.timers.start('B', giveUpAfter(this.#parent.timers), () => {
      this.#timeout();
    });
    this.life.post(this.#bytes);
  }

  cancel(extraHeaders: readonly SipHeader[]): void {
    if (this.#cancelled || !this.#machine.is('calling', 'proceeding')) return;
    this.#cancelled = true;
    if (this.#machine.is('proceeding')) this.#sendCancel(extraHeaders);
    else this.#heldCancel = extraHeaders;
  }

  receive(response: SipResponse, flow: Flow): void {
    switch (this.#machine.state) {
      case 'calling':
      case 'proceeding':
        if (response.status < 200) this.#onProvisional(response, flow);
        else if (response.status < 300) this.#onSuccess(response, flow);
        else this.#onFailure(response, flow);
        return;
      case 'accepted':
        // RFC 6026 section 7.2: copies and other forks' 2xx are the user's to acknowledge.
        if (response.status >= 200 && response.status < 300) this.#pass(response, flow);
        return;
      case 'completed':
        if (response.status >= 300 && this.#ack !== undefined) this.life.post(this.#ack);
        return;
      case 'terminated':
        return;
    }
  }

  #onProvisional(response: SipResponse, flow: Flow): void {
    if (this.#machine.is('calling')) {
      this.#machine.transition('proceeding');
      this.life.timers.stop('A');
      this.life.timers.stop('B');
      const held = this.#heldCancel;
      this.#heldCancel = undefined;
      if (held !== undefined) this.#sendCancel(held);
    }
    if (response.status > 100) this.#pass(response, flow);
    else
      this.life.tell(() => {
        this.#handlers.onTrying?.();
      });
  }

  #onSuccess(response: SipResponse, flow: Flow): void {
    this.#machine.transition('accepted');
    this.life.timers.stopAll();
    this.life.endAfter('M', giveUpAfter(this.#parent.timers));
    this.#pass(response, flow);
  }

  #onFailure(response: SipResponse, flow: Flow): void {
    this.#machine.transition('completed');
    this.life.timers.stopAll();
    this.#ack = serializeSipMessage(ackOf(this.request, response));
    this.life.post(this.#ack);
    if (!this.flow.reliable) this.life.endAfter('D', timerD(this.#parent.timers));
    this.#pass(response, flow);
    if (this.flow.reliable) this.life.end();
  }

  #sendCancel(extraHeaders: readonly SipHeader[]): void {
    this.life.timers.start('cancel', giveUpAfter(this.#parent.timers), () => {
      this.#timeout();
    });
    this.#parent.sendCancel(cancelOf(this.request, extraHeaders), this.flow);
  }

  #pass(response: SipResponse, flow: Flow): void {
    this.life.tell(() => {
      this.#handlers.onResponse(response, flow);
    });
  }

  #timeout(): void {
    this.life.tell(() => {
      this.#handlers.onTimeout();
    });
    this.life.end();
  }
}
