import { StateMachine } from '../../kernel/state-machine.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { ClientOptions, ClientParent, IncomingResponse } from './client-options.js';
import { giveUpAfter } from './timers.js';
import type { ClientTransaction, ClientTransactionHandlers } from './transaction.js';
import type { LiveTransaction } from './transaction-context.js';
import { TransactionLife } from './transaction-life.js';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

const CONCERNED: readonly State[] = ['trying', 'proceeding'];

/**
 * The client side of any request but INVITE and ACK (RFC 3261 section 17.1.2):
 *
 *     trying -- 1xx --> proceeding      trying: timer E sends again (UDP: T1, 2*T1 ... up to T2),
 *        |                  |           proceeding: each T2; timer F (64*T1) -> onTimeout -> terminated
 *        +---- 200-699 -----+--> completed        absorbs copies; timer K (T4 on UDP, 0 otherwise)
 *                                                 -> terminated
 *
 * A transport error before the final response -> onTransportError -> terminated.
 */
export class NonInviteClient implements ClientTransaction, LiveTransaction, IncomingResponse {
  readonly id: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly life: TransactionLife<State, 'E' | 'F' | 'K'>;
  readonly #handlers: ClientTransactionHandlers;
  readonly #parent: ClientParent;
  readonly #bytes: Buffer;
  readonly #machine = new StateMachine<State>({
    name: 'non-invite-client-transaction',
    initial: 'trying',
    transitions: TRANSITIONS,
  });

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
    this.#resendFrom(this.#parent.timers.t1);
    this.life.timers.start('F', giveUpAfter(this.#parent.timers), () => {
      this.life.tell(() => {
        this.#handlers.onTimeout();
      });
      this.life.end();
    });
    this.life.post(this.#bytes);
  }

  /** Only an INVITE can be cancelled (RFC 3261 section 9.1: SHOULD NOT for other requests). */
  cancel(): void {
    this.#parent.log.debug({ method: this.request.method }, 'CANCEL is for INVITE only; ignored');
  }

  receive(response: SipResponse, flow: Flow): void {
    if (!this.#machine.is('trying', 'proceeding')) return;
    if (response.status < 200) {
      if (this.#machine.is('trying')) {
        this.#machine.transition('proceeding');
        this.#resendFrom(this.#parent.timers.t2);
      }
      if (response.status > 100) this.#pass(response, flow);
      return;
    }
    this.#machine.transition('completed');
    this.life.timers.stopAll();
    if (!this.flow.reliable) this.life.endAfter('K', this.#parent.timers.t4);
    this.#pass(response, flow);
    if (this.flow.reliable) this.life.end();
  }

  #resendFrom(first: number): void {
    if (this.flow.reliable) return;
    this.life.timers.startDoubling('E', { first, longest: this.#parent.timers.t2 }, () => {
      this.life.post(this.#bytes);
    });
  }

  #pass(response: SipResponse, flow: Flow): void {
    this.life.tell(() => {
      this.#handlers.onResponse(response, flow);
    });
  }
}
