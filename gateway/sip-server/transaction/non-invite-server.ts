import { StateMachine } from '../../kernel/state-machine.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { LiveServerTransaction, ServerOptions, ServerParent } from './server-options.js';
import { earliest100, giveUpAfter } from './timers.js';
import { TimerSet } from './timer-set.js';
import type { ServerTransactionHandlers } from './transaction.js';
import { callUser, toError } from './transaction-context.js';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  trying: ['proceeding', 'completed', 'terminated'],
  proceeding: ['completed', 'terminated'],
  completed: ['terminated'],
  terminated: [],
};

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
  readonly #parent: ServerParent;
  readonly #timers: TimerSet<'100' | 'J' | 'tooLate'>;
  readonly #machine = new StateMachine<State>({
    name: 'non-invite-server-transaction',
    initial: 'trying',
    transitions: TRANSITIONS,
  });
  #handlers: ServerTransactionHandlers | undefined;
  #last: Buffer | undefined;

  constructor(options: ServerOptions) {
    this.id = options.id;
    this.key = options.key;
    this.request = options.request;
    this.flow = options.flow;
    this.#parent = options.parent;
    this.#timers = new TimerSet(options.parent.clock);
    this.#timers.start('tooLate', giveUpAfter(options.parent.timers), () => {
      this.#terminate();
    });
    if (!options.flow.reliable)
      this.#timers.start('100', earliest100(options.parent.timers), () => {
        this.#machine.transition('proceeding');
        this.#last = serializeSipMessage(createResponse(this.request, { status: 100 }));
        this.#resend();
      });
  }

  get pending(): boolean {
    return this.#machine.is('trying', 'proceeding');
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
    return this.#complete(bytes);
  }

  async #complete(bytes: Buffer): Promise<Buffer> {
    this.#machine.transition('completed');
    this.#timers.stopAll();
    this.#last = bytes.length === 0 ? undefined : bytes;
    if (!this.flow.reliable)
      this.#timers.start('J', giveUpAfter(this.#parent.timers), () => {
        this.#terminate();
      });
    if (this.#last !== undefined) await this.#send(this.#last);
    if (this.flow.reliable) this.#terminate();
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
    // A failure has been reported to the user by #send.
    if (this.#last !== undefined) this.#send(this.#last).catch(() => undefined);
  }

  async #send(bytes: Buffer): Promise<void> {
    try {
      await this.flow.send(bytes);
    } catch (error) {
      this.flowClosed(toError(error));
      throw error;
    }
  }

  flowClosed(error: Error): void {
    if (this.#machine.is('terminated')) return;
    callUser(this.#parent.log, () => {
      this.#handlers?.onTransportError(error);
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
      this.#handlers?.onTerminated();
    });
  }
}
