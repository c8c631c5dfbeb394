import type { Clock, Timer } from '../../kernel/clock.js';
import { getHeader, getList } from '../message/headers.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import { GIVE_UP_MS, T1_MS } from './core-context.js';

interface Waiting {
  rseq: number;
  response: SipResponse;
  /** The application asked for a reliable response, and so expects the PRACK. */
  asked: boolean;
}

/** Reliable provisional responses of one INVITE, sent one at a time until each has its PRACK (RFC 3262 section 3). */
export class ReliableProvisionals {
  readonly #clock: Clock;
  readonly #send: (response: SipResponse) => void;
  readonly #onGiveUp: () => void;
  /** The first is on the wire, the others wait for its PRACK. */
  readonly #waiting: Waiting[] = [];
  #last: number;
  #timer: Timer | undefined;
  #then: (() => void) | undefined;

  constructor(options: {
    clock: Clock;
    /** RFC 3262 section 3: chosen at random below 2^31. */
    firstRseq: number;
    send: (response: SipResponse) => void;
    /** No PRACK within 64*T1. */
    onGiveUp: () => void;
  }) {
    this.#clock = options.clock;
    this.#last = options.firstRseq - 1;
    this.#send = options.send;
    this.#onGiveUp = options.onGiveUp;
  }

  nextRseq(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Some still have no PRACK. */
  get unacknowledged(): boolean {
    return this.#waiting.length > 0;
  }

  /** Called once, when each has its PRACK; not at all when they are given up. */
  whenAcknowledged(then: () => void): void {
    this.#then = then;
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) this.#start();
  }

  /** The response that waits for this PRACK, by its RAck; then the next one goes out. Undefined when none does. */
  acknowledge(prack: SipRequest, inviteSequence: number): { asked: boolean } | undefined {
    const first = this.#waiting[0];
    const [rseq, sequence, method] = (getHeader(prack, 'RAck') ?? '').trim().split(/\s+/);
    const matches =
      first !== undefined &&
      Number(rseq) === first.rseq &&
      Number(sequence) === inviteSequence &&
      method === 'INVITE';
    if (!matches) return undefined;
    this.#waiting.shift();
    this.#timer?.cancel();
    if (this.#waiting.length > 0) this.#start();
    else {
      const then = this.#then;
      this.#then = undefined;
      then?.();
    }
    return first;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#waiting.length = 0;
    this.#then = undefined;
  }

  #start(): void {
    this.#transmit(T1_MS, 0);
  }

  /** Unlike other responses, over any transport: a proxy on the way may use UDP. */
  #transmit(interval: number, elapsed: number): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    if (elapsed >= GIVE_UP_MS) {
      this.stop();
      this.#onGiveUp();
      return;
    }
    this.#send(first.response);
    const pause = Math.min(interval, GIVE_UP_MS - elapsed);
    this.#timer = this.#clock.setTimer(() => {
      this.#transmit(interval * 2, elapsed + pause);
    }, pause);
  }
}

/** Does the sender of this request take reliable provisional responses? */
export function supports100rel(request: SipRequest): boolean {
  return asksFor100rel(getList(request, 'Supported')) || requires100rel(request);
}

/** Must its provisional responses be reliable, whatever the application has in mind (RFC 3262 section 3)? */
export function requires100rel(request: SipRequest): boolean {
  return asksFor100rel(getList(request, 'Require'));
}

export function asksFor100rel(options: readonly string[]): boolean {
  return options.some((option) => option.toLowerCase() === '100rel');
}
