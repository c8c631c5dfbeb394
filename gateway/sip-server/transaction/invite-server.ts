import { newToken } from '../../kernel/ids.js';
import { StateMachine } from '../../kernel/state-machine.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { LiveServerTransaction, ServerOptions } from './server-options.js';
import { giveUpAfter } from './timers.js';
import type { ServerTransactionHandlers } from './transaction.js';
import { toError, type TransactionParent } from './transaction-context.js';
import { TransactionLife } from './transaction-life.js';

type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  proceeding: ['accepted', 'completed', 'terminated'],
  accepted: ['terminated'],
  completed: ['confirmed', 'terminated'],
  confirmed: ['terminated'],
  terminated: [],
};

const CONCERNED: readonly State[] = ['proceeding', 'accepted', 'completed', 'confirmed'];

/**
 * The server side of an INVITE (RFC 3261 section 17.2.1 with the Accepted state of RFC 6026 section 7.1):
 *
 *     proceeding -- 2xx ------> accepted     absorbs copies of the INVITE; sends the 2xx again (T1, 2*T1 ...
 *         |                                  up to T2, on any transport, section 13.3.1.4) until ackReceived();
 *         |                                  timer L (64*T1): onAckTimeout if there was none -> terminated
 *         +------ 300-699 ----> completed    timer G sends again on UDP (T1, 2*T1 ... up to T2);
 *                                   |        timer H (64*T1) -> terminated
 *                                   +- ACK -> confirmed    timer I (T4 on UDP, 0 otherwise) -> terminated
 *
 * proceeding answers a copy of the INVITE with the last provisional response.
 * A transport error -> onTransportError -> terminated (section 17.2.4).
 */
export class InviteServer implements LiveServerTransaction {
  readonly id: string;
  readonly key: string;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly life: TransactionLife<State, 'resend' | 'H' | 'I' | 'L'>;
  readonly #parent: TransactionParent;
  readonly #machine = new StateMachine<State>({
    name: 'invite-server-transaction',
    initial: 'proceeding',
    transitions: TRANSITIONS,
  });
  #handlers: ServerTransactionHandlers | undefined;
  /** The last response, to send again. */
  #last: Buffer | undefined;
  #toTag: string | undefined;
  #acknowledged = false;

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
    this.#toTag = tagOf(getHeader(options.request, 'to'));
  }

  get pending(): boolean {
    return this.#machine.is('proceeding');
  }

  get served(): boolean {
    return this.#machine.is('proceeding', 'accepted');
  }

  /** The To tag that all our responses carry; made now when the user has not chosen one. */
  get toTag(): string {
    this.#toTag ??= newToken();
    return this.#toTag;
  }

  attach(handlers: ServerTransactionHandlers): void {
    this.#handlers = handlers;
  }

  respond(response: SipResponse): Promise<Buffer> {
    if (!this.pending)
      return Promise.reject(new Error('This INVITE already has its final response or has ended.'));
    let bytes: Buffer;
    try {
      bytes = serializeSipMessage(response);
    } catch (error) {
      return Promise.reject(toError(error));
    }
    if (response.status > 100) this.#toTag = tagOf(getHeader(response, 'to')) ?? this.#toTag;
    this.#last = bytes;
    if (response.status >= 300) this.#complete();
    else if (response.status >= 200) this.#accept();
    return this.life.send(bytes).then(() => bytes);
  }

  #accept(): void {
    const { t1, t2 } = this.#parent.timers;
    this.#machine.transition('accepted');
    this.life.timers.startDoubling('resend', { first: t1, longest: t2 }, () => {
      this.#resend();
    });
    this.life.timers.start('L', giveUpAfter(this.#parent.timers), () => {
      this.life.timers.stopAll();
      if (!this.#acknowledged)
        this.life.tell(() => {
          this.#handlers?.onAckTimeout();
        });
      this.life.end();
    });
  }

  #complete(): void {
    const { t1, t2 } = this.#parent.timers;
    this.#machine.transition('completed');
    if (!this.flow.reliable)
      this.life.timers.startDoubling('resend', { first: t1, longest: t2 }, () => {
        this.#resend();
      });
    this.life.endAfter('H', giveUpAfter(this.#parent.timers));
  }

  receiveAgain(): void {
    if (this.#machine.is('proceeding', 'completed')) this.#resend();
  }

  /** True when the ACK was for a refusal and ends here; an ACK of a 2xx is the user's. */
  receiveAck(): boolean {
    if (this.#machine.is('confirmed')) return true;
    if (!this.#machine.is('completed')) return false;
    this.#machine.transition('confirmed');
    this.life.timers.stopAll();
    if (this.flow.reliable) this.life.end();
    else this.life.endAfter('I', this.#parent.timers.t4);
    return true;
  }

  ackReceived(): void {
    this.#acknowledged = true;
    if (this.#machine.is('accepted')) this.life.timers.stop('resend');
  }

  /** The CANCEL was answered. The user may answer the INVITE itself, else it gets 487 (section 9.2). */
  receiveCancel(cancel: SipRequest): void {
    if (!this.pending) return;
    this.life.tell(() => {
      this.#handlers?.onCancel(cancel);
    });
    // Read anew: the user may have answered just now.
    if (this.#machine.state !== 'proceeding') return;
    this.respond(createResponse(this.request, { status: 487, toTag: this.toTag })).catch(
      (error: unknown) => {
        this.#parent.log.debug({ err: error }, 'the 487 of a cancelled INVITE was not sent');
      },
    );
  }

  #resend(): void {
    if (this.#last !== undefined) this.life.post(this.#last);
  }
}
