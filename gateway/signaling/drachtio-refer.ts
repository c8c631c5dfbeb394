import { sendReply } from './drachtio-responses.js';
import type { WireRequest, WireResponse } from './drachtio-wire.js';
import type { DialogId, IncomingRefer } from './incoming-refer.js';
import { refusalReply } from './replies.js';
import type { ReferTarget } from './replaces.js';
import { printable } from './sip-text.js';

export interface DrachtioReferOptions {
  request: WireRequest;
  response: WireResponse;
  to: ReferTarget;
  /** The first REFER of a dialog needs no id in its events, later ones do (RFC 3515 section 2.4.6). */
  first: boolean;
  /** Sends a NOTIFY in the dialog. */
  notify: (headers: Record<string, string>, body: string) => Promise<unknown>;
}

/** A REFER that came through drachtio-srf, and the subscription that it makes (RFC 6665, RFC 3515 section 2.4). */
export class DrachtioRefer implements IncomingRefer {
  readonly target: { user: string; host: string };
  readonly replaces: DialogId | undefined;
  readonly #options: DrachtioReferOptions;
  readonly #event: string;
  readonly #silent: boolean;
  /** Keeps the NOTIFYs in their order. */
  #last: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(options: DrachtioReferOptions) {
    const { request, to, first } = options;
    this.#options = options;
    this.target = { user: to.user, host: to.host };
    this.replaces = to.replaces;
    const sequence = parseInt(request.get('CSeq') ?? '0', 10);
    this.#event = first ? 'refer' : `refer;id=${sequence}`;
    this.#silent = request.get('Refer-Sub')?.trim().toLowerCase().startsWith('false') ?? false;
  }

  accept(): void {
    const headers = this.#silent ? { 'Refer-Sub': 'false' } : {};
    sendReply(this.#options.response, { status: 202, headers });
    // RFC 3515 section 2.4.4: the subscription begins with a NOTIFY at once.
    void this.report(100, 'Trying');
  }

  reject(status: number, { sentence, code }: { sentence: string; code: string }): void {
    this.#over = true;
    sendReply(this.#options.response, refusalReply({ status, code, sentence }));
  }

  async report(status: number, reason: string): Promise<void> {
    if (this.#over || this.#silent) return;
    this.#over = status >= 200;
    const headers = {
      Event: this.#event,
      'Subscription-State': this.#over ? 'terminated;reason=noresource' : 'active;expires=180',
      'Content-Type': 'message/sipfrag;version=2.0',
    };
    const body = `SIP/2.0 ${status} ${printable(reason)}\r\n`;
    const { notify } = this.#options;
    // The dialog may be gone by now; the transfer goes on without a listener.
    this.#last = this.#last.then(() => notify(headers, body)).catch(() => undefined);
    await this.#last;
  }
}
