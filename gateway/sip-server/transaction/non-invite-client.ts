import { StateMachine } from '../../kernel/state-machine.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { ClientOptions, ClientParent, IncomingResponse } from './client-options.js';
import { giveUpAfter } from './timers.js';
import { TimerSet } from './timer-set.js';
import type { ClientTransaction, ClientTransactionHandlers } from './transaction.js';
import { callUser, toError, type LiveTransaction } from './transaction-context.js';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

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
  readonly #handlers: ClientTransactionHandlers;
  readonly #parent: ClientParent;
  readonly #timers: TimerSet<'E' | 'F' | 'K'>;
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
    this.#timers = new TimerSet(options.parent.clock);
    this.#bytes = serializeSipMessage(options.request);
  }

  start(): void {
    this.#resendFrom(this.#parent.timers.t1);
    this.#timers.start('F', giveUpAfter(this.#parent.timers), () => {
      callUser(this.#parent.log, () => {
        this.#handlers.onTimeout();
      });
      this.#terminate();
    });
    this.#send();
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
    this.#timers.stopAll();
    if (!this.flow.reliable)
      this.#timers.start('K', this.#parent.timers.t4, () => {
        this.#terminate();
      });
    this.#pass(response, flow);
    if (this.flow.reliable) this.#terminate();
  }

  #resendFrom(first: number): void {
    if (this.flow.reliable) return;
    this.#timers.startDoubling('E', { first, longest: this.#parent.timers.t2 }, () => {
      this.#send();
    });
  }

  #send(): void {
    this.flow.send(this.#bytes).catch((error: unknown) => {
      this.flowClosed(toError(error));
    });
  }

  #pass(response: SipResponse, flow: Flow): void {
    callUser(this.#parent.log, () => {
      this.#handlers.onResponse(response, flow);
    });
  }

  flowClosed(error: Error): void {
    if (this.#machine.is('trying', 'proceeding'))
      callUser(this.#parent.log, () => {
        this.#handlers.onTransportError(error);
      });
    this.#terminate();
  }

  abandon(): void {
    this.#timers.close();
    if (!this.#machine.is('terminated')) this.#machine.transition('terminated');
  }

  #terminate(): void {
    if (this.#machine.is('terminated')) return;
    this.abandon();
    this.#parent.ended(this);
    callUser(this.#parent.log, () => {
      this.#handlers.onTerminated();
    });
  }
}
