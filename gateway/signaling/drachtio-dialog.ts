import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import type { SipLink } from './drachtio-connection.js';
import type { WireDialog, WireRequest, WireResponse } from './drachtio-wire.js';
import { ALLOWED_METHODS, sendReply } from './drachtio-responses.js';
import { extensionRefusal } from './required-extensions.js';
import type { DialogEnd, DialogHandlers, SipBody, SipDialog } from './sip-endpoint.js';
import { describeReason, formatReason } from './sip-text.js';

export interface DrachtioDialogOptions {
  dialog: WireDialog;
  link: SipLink;
  log: Log;
  /** Called at most once, when the connection was lost while the dialog was up. */
  onLeftBehind(dialogId: string): void;
  /** Called once, when nothing more can happen in the dialog. */
  onClosed(dialog: DrachtioDialog): void;
}

/** A dialog on drachtio-srf. Its own request handling is replaced: it assumes that every re-INVITE has SDP. */
export class DrachtioDialog implements SipDialog {
  readonly #dialog: WireDialog;
  readonly #options: DrachtioDialogOptions;
  readonly #reoffers = new SerialQueue();
  #handlers: DialogHandlers | undefined;
  /** Requests and ends that came before setHandlers(). */
  #early: ((handlers: DialogHandlers) => void)[] = [];
  #ended = false;
  #bye: Promise<void> | undefined;
  #reofferOut = false;
  #reofferIn = false;

  constructor(options: DrachtioDialogOptions) {
    this.#options = options;
    this.#dialog = options.dialog;
    this.#dialog.handle = (request, response) => {
      this.#onRequest(request, response);
    };
    options.link.lost.addEventListener('abort', this.#onLinkLost, { once: true });
    if (options.link.lost.aborted) this.#onLinkLost();
  }

  get callId(): string {
    return this.#dialog.sip.callId;
  }

  setHandlers(handlers: DialogHandlers): void {
    this.#handlers = handlers;
    for (const deliver of this.#early.splice(0)) deliver(handlers);
  }

  bye(reason: { sipStatus: number; sentence: string }): Promise<void> {
    this.#bye ??= this.#ended ? Promise.resolve() : this.#sendBye(reason);
    return this.#bye;
  }

  async info(body: SipBody): Promise<number> {
    const headers = { 'Content-Type': body.contentType };
    return (await this.#request('INFO', { headers, body: body.content })).status;
  }

  reoffer(offer: string): Promise<string> {
    return this.#reoffers.run(async () => {
      this.#reofferOut = true;
      try {
        const headers = this.#sdpHeaders();
        const response = await this.#request('INVITE', { headers, body: offer });
        if (response.status === 200) return response.body ?? '';
        throw new CopperlineError('CL_SIP_REQUEST_REFUSED', {
          sentence: `The peer answered a change of the call with ${response.status} ${response.reason}.`,
          sipStatus: response.status,
        });
      } finally {
        this.#reofferOut = false;
      }
    });
  }

  async #sendBye(reason: { sipStatus: number; sentence: string }): Promise<void> {
    const headers = { Reason: formatReason(reason.sipStatus, reason.sentence) };
    try {
      await this.#request('BYE', { headers });
    } catch (error) {
      // The dialog is over either way; the SIP server says why the BYE did not reach the peer.
      this.#options.log.debug({ err: error }, 'BYE was not answered');
    }
    this.#close();
  }

  #request(
    method: 'BYE' | 'INFO' | 'INVITE',
    options: { headers: Record<string, string>; body?: string },
  ): Promise<WireResponse> {
    const { lost } = this.#options.link;
    if (this.#ended || lost.aborted) return Promise.reject(this.#gone(undefined));
    return new Promise((resolve, reject) => {
      const onLost = (): void => {
        reject(this.#gone(lost.reason));
      };
      lost.addEventListener('abort', onLost, { once: true });
      this.#dialog.request({ method, ...options }, (error, response) => {
        if (response !== undefined && response.status < 200) return;
        lost.removeEventListener('abort', onLost);
        if (response === undefined) reject(this.#gone(error));
        else resolve(response);
      });
    });
  }

  #gone(cause: unknown): CopperlineError {
    return new CopperlineError('CL_SIP_DIALOG_GONE', {
      sentence: 'The SIP dialog has ended.',
      cause,
    });
  }

  #onRequest(request: WireRequest, response: WireResponse): void {
    const refusal = extensionRefusal(request);
    if (refusal !== undefined) {
      sendReply(response, refusal);
      return;
    }
    switch (request.method) {
      case 'BYE':
        this.#onBye(request, response);
        break;
      case 'INVITE':
      case 'UPDATE':
        void this.#onReoffer(request, response);
        break;
      case 'INFO':
        this.#deliver((handlers) => void this.#onInfo(handlers, { request, response }));
        break;
      case 'OPTIONS':
        sendReply(response, { status: 200, headers: { Allow: ALLOWED_METHODS } });
        break;
      case 'PRACK':
        sendReply(response, { status: 200, headers: {} });
        break;
      case 'ACK':
        break;
      default:
        sendReply(response, { status: 405, headers: { Allow: ALLOWED_METHODS } });
    }
  }

  #onBye(request: WireRequest, response: WireResponse): void {
    // A BYE from the SIP server itself (ACK timeout, session expired) is already sent; nobody awaits an answer.
    const own = request.source === 'application';
    if (!own) sendReply(response, { status: 200, headers: {} });
    const reasonHeader = request.get('Reason');
    const sentence = `The SIP dialog ended: ${describeReason(reasonHeader) ?? 'no reason was given'}.`;
    this.#end(own ? { kind: 'gone', sentence } : { kind: 'bye', reasonHeader });
  }

  readonly #onLinkLost = (): void => {
    this.#options.onLeftBehind(this.#dialog.id);
    const { sentence } = toCopperlineError(
      this.#options.link.lost.reason,
      'CL_SIP_SERVER_UNREACHABLE',
    );
    this.#end({ kind: 'gone', sentence });
  };

  #end(end: DialogEnd): void {
    if (this.#ended) return;
    this.#close();
    this.#deliver((handlers) => {
      handlers.onEnd(end);
    });
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reoffers.close();
    this.#options.link.lost.removeEventListener('abort', this.#onLinkLost);
    this.#dialog.connected = false;
    this.#options.link.srf.removeDialog(this.#dialog);
    this.#options.onClosed(this);
  }

  #deliver(event: (handlers: DialogHandlers) => void): void {
    if (this.#handlers === undefined) this.#early.push(event);
    else event(this.#handlers);
  }

  async #onInfo(
    handlers: DialogHandlers,
    { request, response }: { request: WireRequest; response: WireResponse },
  ): Promise<void> {
    const contentType = request.get('Content-Type') ?? '';
    const status = await handlers
      .onInfo({ contentType, content: request.body ?? '' })
      .catch((error: unknown) => toCopperlineError(error, 'CL_INTERNAL').sipStatus);
    sendReply(response, { status, headers: {} });
  }

  async #onReoffer(request: WireRequest, response: WireResponse): Promise<void> {
    const offer = request.body === undefined || request.body === '' ? undefined : request.body;
    if (request.method === 'UPDATE' && offer === undefined) {
      // RFC 3311 section 5.2: an UPDATE without an offer only refreshes the session.
      sendReply(response, { status: 200, headers: {} });
      return;
    }
    // RFC 3261 section 14.2: glare gets 491; a second one while the first is open gets 500.
    if (this.#reofferOut) sendReply(response, { status: 491, headers: {} });
    else if (this.#reofferIn) sendReply(response, { status: 500, headers: { 'Retry-After': '2' } });
    else await this.#answerReoffer(offer, response);
  }

  async #answerReoffer(offer: string | undefined, response: WireResponse): Promise<void> {
    this.#reofferIn = true;
    try {
      const handlers = await this.#whenHandled();
      const body = await handlers.onReoffer(offer);
      sendReply(response, { status: 200, headers: this.#sdpHeaders(), body });
    } catch (thrown) {
      const { sipStatus, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      const headers = { Reason: formatReason(sipStatus, sentence) };
      sendReply(response, { status: sipStatus, headers });
    } finally {
      this.#reofferIn = false;
    }
  }

  #whenHandled(): Promise<DialogHandlers> {
    return new Promise((resolve) => {
      this.#deliver(resolve);
    });
  }

  #sdpHeaders(): Record<string, string> {
    const { contact } = this.#dialog.local;
    return {
      'Content-Type': 'application/sdp',
      ...(contact === undefined ? {} : { Contact: contact }),
    };
  }
}
