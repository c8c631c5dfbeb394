import { StateMachine } from '../../kernel/state-machine.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { LiveServerTransaction, ServerOptions } from './server-options.js';
import { earliest100, giveUpAfter } from './timers.js';
import type { ServerTransactionHandlers } from './transaction.js';
import { toError, type TransactionParent } from './transaction-context.js';
import { TransactionLife } from './transaction-life.js';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

const CONCERNED: readonly State[] = ['trying', 'proceeding', 'completed'];

const NOTHING = Buffer.alloc(0);

/**
 * The server side of any request but INVITE and ACK (RFC 3261 section 17.2.2, RFC 4320):
 *
 *     trying -- 3.5 s without an answer (UDP) --> proceeding       100 sent; again for copies of the request
 *        |                                            |
 *        +------------------ 200-699 -----------------+--> completed    sends the final again for copies;
 *                                                              timer J (64*T1 on UDP, 0 otherwise) -> terminated
 *
 * RFC 4320: no provisional but a late 100; never 408; after 64*T1 it is too late for any answer, so the
 * transaction ends without one.
 */
export class NonInviteServer implements LiveServerTransaction {
  readonly id: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly life: TransactionLife<State, '100' | 'J' | 'tooLate'>;
  readonly #parent: TransactionParent;
  readonly #machine = new StateMachine<State>({
    name: 'non-invite-server-transaction',
    initial: 'trying',
    transitions: TRANSITIONS,
  });
  #handlers: ServerTransactionHandlers | undefined;
  #last: Buffer | undefined;
  #succeeded = false;

  constructor(options: ServerOptions) {
    this.id = options.id;
    this.key = options.key;
    this.request = options.request;
    this.flow = options.flow;
    this.#parent = options.parent;
    this.life = new TransactionLife(this, options.parent, {
      machine: this.#machine,
      handlers: () => this.#handlers,
      concerned: CONCERNED,
    });
    this.life.endAfter('tooLate', giveUpAfter(options.parent.timers));
    if (!options.flow.reliable)
      this.life.timers.start('100', earliest100(options.parent.timers), () => {
        this.#machine.transition('proceeding');
        this.#last = serializeSipMessage(createResponse(this.request, { status: 100 }));
        this.#resend();
      });
  }

  get pending(): boolean {
    return this.#machine.is('trying', 'proceeding');
  }

  get served(): boolean {
    return this.pending || (this.#succeeded && this.#machine.is('completed'));
  }

  attach(handlers: ServerTransactionHandlers): void {
    this.#handlers = handlers;
  }

  /** Resolves with no bytes for a 100 (the layer sends its own) and for a 408 (RFC 4320: never sent). */
  respond(response: SipResponse): Promise<Buffer> {
    if (!this.pending)
      return Promise.reject(new Error('This request has its final response, or it is too late.'));
    if (response.status === 100) return Promise.resolve(NOTHING);
    if (response.status < 200)
      return Promise.reject(
        new Error('RFC 4320 forbids a provisional response to a request other than INVITE.'),
      );
    let bytes: Buffer;
    try {
      bytes = response.status === 408 ? NOTHING : serializeSipMessage(response);
    } catch (error) {
      return Promise.reject(toError(error));
    }
    this.#succeeded = response.status < 300;
    return this.#complete(bytes);
  }

  async #complete(bytes: Buffer): Promise<Buffer> {
    this.#machine.transition('completed');
    this.life.timers.stopAll();
    this.#last = bytes.length === 0 ? undefined : bytes;
    if (!this.flow.reliable) this.life.endAfter('J', giveUpAfter(this.#parent.timers));
    if (this.#last !== undefined) await this.life.send(this.#last);
    if (this.flow.reliable) this.life.end();
    return bytes;
  }

  receiveAgain(): void {
    this.#resend();
  }

  /** Means nothing for a request that has no ACK. */
  ackReceived(): void {
    this.#parent.log.debug({ method: this.request.method }, 'an ACK for a request without ACK');
  }

  #resend(): void {
    if (this.#last !== undefined) this.life.post(this.#last);
  }
}
