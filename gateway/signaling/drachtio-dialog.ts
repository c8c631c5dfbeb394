import { toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import { DialogRequests } from './dialog-requests.js';
import { oneCallOnly, withoutNumber, type CallPass } from './call-pass.js';
import { DrachtioRefer } from './drachtio-refer.js';
import type { SipLink } from './drachtio-connection.js';
import { sdpOf, type WireDialog, type WireRequest, type WireResponse } from './drachtio-wire.js';
import { ALLOWED_METHODS, sendReply } from './drachtio-responses.js';
import { extensionRefusal } from './required-extensions.js';
import { answerInAck, refuseUnlessOk } from './reinvite.js';
import { refusalReply } from './replies.js';
import { parseReferTo } from './replaces.js';
import type { DialogEnd, DialogHandlers, SipBody, SipDialog } from './sip-endpoint.js';
import { describeReason, formatReason } from './sip-text.js';

export interface DrachtioDialogOptions {
  dialog: WireDialog;
  link: SipLink;
  log: Log;
  /** For challenges to our requests: those of our INVITE. */
  credentials?: { username: string; password: Secret } | undefined;
  /** The peer is a visitor with a one-call token: no transfer, and no number in what is said to it. */
  pass?: CallPass | undefined;
  /** Our 200 carried an offer, so the ACK of the INVITE brings the answer. */
  offered?: boolean;
  /** Called at most once, when the connection was lost while the dialog was up. */
  onLeftBehind(dialogId: string): void;
  /** Called once, when nothing more can happen in the dialog. */
  onClosed(dialog: DrachtioDialog): void;
}

/** A dialog on drachtio-srf. Its own request handling is replaced: it assumes that every re-INVITE has SDP. */
export class DrachtioDialog implements SipDialog {
  readonly #dialog: WireDialog;
  readonly #options: DrachtioDialogOptions;
  readonly #requests: DialogRequests;
  readonly #reoffers = new SerialQueue();
  #handlers: DialogHandlers | undefined;
  /** Requests and ends that came before setHandlers(). */
  #early: ((handlers: DialogHandlers) => void)[] = [];
  #ended = false;
  #bye: Promise<void> | undefined;
  #reofferOut = false;
  #reofferIn = false;
  /** An offer of ours is out that an ACK has to answer. */
  #answerDue: boolean;
  #refers = 0;

  constructor(options: DrachtioDialogOptions) {
    this.#options = options;
    this.#dialog = options.dialog;
    this.#requests = new DialogRequests({ ...options, credentials: options.credentials });
    this.#answerDue = options.offered ?? false;
    this.#dialog.handle = (request, response) => {
      this.#onRequest(request, response);
    };
    options.link.lost.addEventListener('abort', this.#onLinkLost, { once: true });
    if (options.link.lost.aborted) this.#onLinkLost();
  }

  get callId(): string {
    return this.#dialog.sip.callId;
  }

  get tags(): { local: string; remote: string } {
    const { localTag, remoteTag } = this.#dialog.sip;
    return { local: localTag, remote: remoteTag };
  }

  get outgoing(): boolean {
    return this.#dialog.type === 'uac';
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
    const sent = await this.#requests.send('INFO', { headers, body: body.content });
    return sent.response.status;
  }

  reoffer(offer: string): Promise<string> {
    return this.#reinvite(async () => {
      const headers = this.#sdpHeaders();
      const { response } = await this.#requests.send('INVITE', { headers, body: offer });
      refuseUnlessOk(response);
      return response.body ?? '';
    });
  }

  requestOffer(answerTo: (offer: string) => Promise<string>): Promise<void> {
    return this.#reinvite(async () => {
      const sent = await this.#requests.send('INVITE', { headers: this.#contactHeader() });
      refuseUnlessOk(sent.response);
      await answerInAck(sent, answerTo);
    });
  }

  #reinvite<Result>(send: () => Promise<Result>): Promise<Result> {
    return this.#reoffers.run(async () => {
      this.#reofferOut = true;
      try {
        return await send();
      } finally {
        this.#reofferOut = false;
      }
    });
  }

  async #sendBye(reason: { sipStatus: number; sentence: string }): Promise<void> {
    const headers = {
      Reason: formatReason(reason.sipStatus, withoutNumber(reason.sentence, this.#options.pass)),
    };
    try {
      await this.#requests.send('BYE', { headers });
    } catch (error) {
      // The dialog is over either way; the SIP server says why the BYE did not reach the peer.
      this.#options.log.debug({ err: error }, 'BYE was not answered');
    }
    this.#close();
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
        this.#onAck(request);
        break;
      case 'REFER':
        this.#onRefer(request, response);
        break;
      case 'NOTIFY':
        // RFC 6665 section 4.1.3 says 481, which some peers take for the end of the call; we never subscribe.
        sendReply(response, { status: 489, headers: {} });
        break;
      default:
        sendReply(response, { status: 405, headers: { Allow: ALLOWED_METHODS } });
    }
  }

  #onAck(request: WireRequest): void {
    if (!this.#answerDue) return;
    this.#answerDue = false;
    const answer = sdpOf(request);
    this.#deliver((handlers) => handlers.onAnswer?.(answer));
  }

  #onRefer(request: WireRequest, response: WireResponse): void {
    if (this.#options.pass !== undefined) {
      sendReply(response, refusalReply(oneCallOnly('REFER')));
      return;
    }
    const to = parseReferTo(request.get('Refer-To') ?? '');
    if (to === undefined) {
      const sentence = 'The REFER names nobody who could be called (Refer-To).';
      sendReply(response, refusalReply({ status: 400, code: 'CL_SIP_BAD_REQUEST', sentence }));
      return;
    }
    this.#refers += 1;
    const notify = (headers: Record<string, string>, body: string): Promise<unknown> =>
      this.#requests.send('NOTIFY', { headers: { ...headers, ...this.#contactHeader() }, body });
    const refer = new DrachtioRefer({ request, response, to, first: this.#refers === 1, notify });
    this.#deliver((handlers) => {
      if (handlers.onRefer !== undefined) handlers.onRefer(refer);
      else sendReply(response, { status: 603, headers: {} });
    });
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
    this.#requests.close();
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
    const offer = sdpOf(request);
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
      this.#answerDue = offer === undefined;
      sendReply(response, { status: 200, headers: this.#sdpHeaders(), body });
    } catch (thrown) {
      const { sipStatus, sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      const said = withoutNumber(sentence, this.#options.pass);
      sendReply(response, {
        status: sipStatus,
        headers: { Reason: formatReason(sipStatus, said) },
      });
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
    return { 'Content-Type': 'application/sdp', ...this.#contactHeader() };
  }

  #contactHeader(): Record<string, string> {
    const { contact } = this.#dialog.local;
    return contact === undefined ? {} : { Contact: contact };
  }
}
