import { getHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import type { CallRecords } from '../dialog/call-records.js';

/** What the records of calls say of proxied ones: both legs start, and a BYE that comes by ends them. */
export class ProxyRecords {
  readonly #records: CallRecords;

  constructor(records: CallRecords) {
    this.#records = records;
  }

  /** A copy went to a target. */
  sent(request: SipRequest): void {
    if (request.method === 'BYE') this.#records.stop('network', request, 'normal-release');
    else if (beginsCall(request)) this.#records.attempt('application', request);
  }

  /** The caller has its final response; undefined when it has given up. */
  decided(request: SipRequest, response: SipResponse | undefined): void {
    if (!beginsCall(request)) return;
    if (response === undefined) this.#records.stop('network', request, 'call-canceled');
    else if (response.status >= 300) this.#records.stop('network', response, 'call-rejected');
    else {
      this.#records.start('network', response, 'proxy-uac');
      this.#records.start('application', response, 'proxy-uas');
    }
  }
}

function beginsCall(request: SipRequest): boolean {
  return request.method === 'INVITE' && tagOf(getHeader(request, 'To')) === undefined;
}
