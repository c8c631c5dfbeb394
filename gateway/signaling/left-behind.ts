import type { Log } from '../kernel/log.js';
import type { SipLink } from './drachtio-connection.js';
import { formatReason } from './sip-text.js';

/** A dialog or an unanswered INVITE of ours in the SIP server, by the server's own names for it. */
export type LeftBehind = { dialogId: string } | { uri: string; transactionId: string };

const REASON = formatReason(503, 'The gateway lost its connection to the SIP server.');

/**
 * Calls that a lost connection left in the SIP server. The embedded server ends them by itself; a drachtio-server
 * keeps them up, and their carriers go on charging, so they are ended over the next connection. A server that was
 * started anew knows them no longer and refuses.
 */
export class LeftBehindCalls {
  readonly #log: Log;
  #calls: LeftBehind[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  add(call: LeftBehind): void {
    this.#calls.push(call);
  }

  /** Sends BYE or CANCEL for each, once. */
  endOver(link: SipLink): void {
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length === 0) return;
    this.#log.info({ count: calls.length }, 'ending what the lost connection left behind');
    for (const call of calls) this.#end(call, link);
  }

  #end(call: LeftBehind, { srf }: SipLink): void {
    const headers = { Reason: REASON };
    const request =
      'dialogId' in call
        ? // The SIP server knows the peer's address.
          { method: 'BYE', uri: 'sip:placeholder', stackDialogId: call.dialogId, headers }
        : { method: 'CANCEL', uri: call.uri, stackTxnId: call.transactionId, headers };
    const failed = (error: unknown): void => {
      this.#log.debug({ err: error }, 'nothing was left behind');
    };
    try {
      srf.request(request, (error) => {
        if (error !== null && error !== undefined) failed(error);
      });
    } catch (error) {
      failed(error);
    }
  }
}
