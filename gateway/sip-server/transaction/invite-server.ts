import { newToken } from '../../kernel/ids.js';
import { StateMachine } from '../../kernel/state-machine.js';
import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';
import type { LiveServerTransaction, ServerOptions, ServerParent } from './server-options.js';
import { giveUpAfter } from './timers.js';
import { TimerSet } from './timer-set.js';
import type { ServerTransactionHandlers } from './transaction.js';
import { callUser, toError } from './transaction-context.js';

type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  proceeding: ['accepted', 'completed', 'terminated'],
  accepted: ['terminated'],
  completed: ['confirmed', 'terminated'],
  confirmed: ['terminated'],
  terminated: [],
};

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
  readonly #parent: ServerParent;
  readonly #timers: TimerSet<'resend' | 'H' | 'I' | 'L'>;
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
    this.#timers = new TimerSet(options.parent.clock);
    this.#toTag = tagOf(getHeader(options.request, 'to'));
  }

  get pending(): boolean {
    return this.#machine.is('proceeding');
  }

  /** It rings, or was accepted a moment ago: a copy over another path is no second call. */
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
    return this.#send(bytes).then(() => bytes);
  }

  #accept(): void {
    const { t1, t2 } = this.#parent.timers;
    this.#machine.transition('accepted');
    this.#timers.startDoubling('resend', { first: t1, longest: t2 }, () => {
      this.#resend();
    });
    this.#timers.start('L', giveUpAfter(this.#parent.timers), () => {
      this.#timers.stopAll();
      if (!this.#acknowledged)
        callUser(this.#parent.log, () => {
          this.#handlers?.onAckTimeout();
        });
      this.#terminate();
    });
  }

  #complete(): void {
    const { t1, t2 } = this.#parent.timers;
    this.#machine.transition('completed');
    if (!this.flow.reliable)
      this.#timers.startDoubling('resend', { first: t1, longest: t2 }, () => {
        this.#resend();
      });
    this.#timers.start('H', giveUpAfter(this.#parent.timers), () => {
      this.#terminate();
    });
  }

  receiveAgain(): void {
    if (this.#machine.is('proceeding', 'completed')) this.#resend();
  }

  /** True when the ACK was for a refusal and ends here; an ACK of a 2xx is the user's. */
  receiveAck(): boolean {
    if (this.#machine.is('confirmed')) return true;
    if (!this.#machine.is('completed')) return false;
    this.#machine.transition('confirmed');
    this.#timers.stopAll();
    if (this.flow.reliable) this.#terminate();
    else
      this.#timers.start('I', this.#parent.timers.t4, () => {
        this.#terminate();
      });
    return true;
  }

  ackReceived(): void {
    this.#acknowledged = true;
    if (this.#machine.is('accepted')) this.#timers.stop('resend');
  }

  /** The CANCEL was answered. The user may answer the INVITE itself, else it gets 487 (section 9.2). */
  receiveCancel(cancel: SipRequest): void {
    if (!this.pending) return;
    callUser(this.#parent.log, () => {
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
