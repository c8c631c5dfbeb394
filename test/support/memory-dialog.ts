import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { DialogId } from '../../gateway/signaling/incoming-refer.js';
import type { DialogHandlers, SipBody, SipDialog } from '../../gateway/signaling/sip-endpoint.js';
import { MemoryRefer } from './memory-refer.js';

export interface Reason {
  sipStatus: number;
  sentence: string;
}

/** One side of a dialog in memory; the test plays the peer. */
export class MemoryDialog implements SipDialog {
  readonly callId: string;
  readonly tags: { local: string; remote: string };
  readonly outgoing: boolean;
  /** Offers that the gateway made inside the dialog; undefined: it asked for one. */
  readonly reoffers: (string | undefined)[] = [];
  /** The peer's answer to them, or its offer. Rejects to refuse. */
  answerReoffer: (offer: string | undefined) => Promise<string> = () =>
    Promise.reject(new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'No.' }));
  /** Answers that the gateway gave in an ACK. */
  readonly acknowledged: string[] = [];
  /** The BYE that the gateway sent, if it did. */
  byeReceived: Reason | undefined;
  readonly infos: SipBody[] = [];
  infoStatus = 200;
  #handlers: DialogHandlers | undefined;
  #ended = false;
  readonly #onEnded: () => void;

  constructor(callId: string, options: { outgoing: boolean; onEnded: () => void }) {
    this.callId = callId;
    this.tags = { local: `${callId}-us`, remote: `${callId}-peer` };
    this.outgoing = options.outgoing;
    this.#onEnded = options.onEnded;
  }

  get open(): boolean {
    return !this.#ended;
  }

  /** The gateway listens to what the peer does. */
  get handled(): boolean {
    return this.#handlers !== undefined;
  }

  setHandlers(handlers: DialogHandlers): void {
    this.#handlers = handlers;
  }

  bye(reason: Reason): Promise<void> {
    if (this.#end()) this.byeReceived = reason;
    return Promise.resolve();
  }

  info(body: SipBody): Promise<number> {
    if (this.#ended) return Promise.reject(gone());
    this.infos.push(body);
    return Promise.resolve(this.infoStatus);
  }

  reoffer(offer: string): Promise<string> {
    this.reoffers.push(offer);
    return this.#ended ? Promise.reject(gone()) : this.answerReoffer(offer);
  }

  async requestOffer(answerTo: (offer: string) => Promise<string>): Promise<void> {
    this.reoffers.push(undefined);
    if (this.#ended) throw gone();
    this.acknowledged.push(await answerTo(await this.answerReoffer(undefined)));
  }

  /** The peer sends BYE. */
  hangUp(reasonHeader?: string): void {
    if (this.#end()) this.#need().onEnd({ kind: 'bye', reasonHeader });
  }

  /** The dialog dies without a BYE of the peer. */
  die(sentence: string): void {
    if (this.#end()) this.#need().onEnd({ kind: 'gone', sentence });
  }

  peerInfo(body: SipBody): Promise<number> {
    return this.#need().onInfo(body);
  }

  peerReoffer(offer: string | undefined): Promise<string> {
    return this.#need().onReoffer(offer);
  }

  /** The ACK that answers the offer that a re-INVITE without SDP got. */
  peerAnswer(answer: string | undefined): void {
    this.#need().onAnswer?.(answer);
  }

  peerRefer(user: string, replaces?: DialogId): MemoryRefer {
    const refer = new MemoryRefer(user, replaces);
    const handlers = this.#need();
    if (handlers.onRefer === undefined) refer.reject(603, { sentence: '', code: '' });
    else handlers.onRefer(refer);
    return refer;
  }

  #need(): DialogHandlers {
    if (this.#handlers === undefined) throw new Error('the gateway set no handlers');
    return this.#handlers;
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#onEnded();
    return true;
  }
}

function gone(): CopperlineError {
  return new CopperlineError('CL_SIP_DIALOG_GONE', { sentence: 'Gone.' });
}
