import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { BrowserFlow } from './browser-flows.js';
import { withoutNumber, type CallPass } from './call-pass.js';
import type { DrachtioDialog } from './drachtio-dialog.js';
import type { SipLink } from './drachtio-connection.js';
import { sendReply } from './drachtio-responses.js';
import type { WireDialog, WireRequest, WireResponse } from './drachtio-wire.js';
import { refusalReply } from './replies.js';
import type { IncomingInvite, Party, ProgressOptions, SipDialog } from './sip-endpoint.js';

export interface IncomingInviteOptions {
  request: WireRequest;
  response: WireResponse;
  link: SipLink;
  /** Read from the headers already, so that an unreadable INVITE never gets here. */
  from: Party;
  called: Party;
  user: string | undefined;
  postDial?: string | undefined;
  flow: BrowserFlow | undefined;
  adoptDialog(
    dialog: WireDialog,
    link: SipLink,
    how: { offered: boolean; pass: CallPass | undefined },
  ): DrachtioDialog;
  /** Called at most once, when the connection was lost after our 200 and before its dialog was ours. */
  onLeftBehind(dialogId: string): void;
  /** Called once, when the INVITE has its final answer or was cancelled. */
  onDone(invite: DrachtioIncomingInvite): void;
}

/**
 * An INVITE that came through drachtio-srf. Whether a CANCEL or our 200 was first is decided by the SIP
 * server: it refuses our 200 when it has already answered 487 (RFC 3261 section 9.2).
 */
export class DrachtioIncomingInvite implements IncomingInvite {
  readonly callId: string;
  readonly from: Party;
  readonly called: Party;
  readonly offer: string | undefined;
  readonly user: string | undefined;
  readonly postDial: string | undefined;
  readonly flow: BrowserFlow | undefined;
  readonly source: string;
  readonly #options: IncomingInviteOptions;
  readonly #cancel = new AbortController();
  #answered = false;
  /** Our 200 is on its way. */
  #accepting = false;
  #done = false;

  constructor(options: IncomingInviteOptions) {
    const { request, link } = options;
    this.#options = options;
    this.callId = request.get('Call-ID') ?? '';
    this.from = options.from;
    this.called = options.called;
    this.offer = request.body === '' ? undefined : request.body;
    this.user = options.user;
    this.postDial = options.postDial;
    this.flow = options.flow;
    this.source = `${request.protocol}/${request.source_address}:${request.source_port}`;
    request.on('cancel', () => {
      this.#onCancelled(callerGone());
    });
    link.lost.addEventListener('abort', this.#onLinkLost, { once: true });
    options.flow?.closed.addEventListener('abort', this.#onFlowClosed, { once: true });
    if (options.flow?.closed.aborted === true) this.#onFlowClosed();
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  header(name: string): string | undefined {
    return this.#options.request.get(name);
  }

  progress(status: number, { sdp, earlyMedia }: ProgressOptions = {}): void {
    if (this.#answered || this.#cancel.signal.aborted) return;
    const headers = {
      ...(sdp === undefined ? {} : { 'Content-Type': 'application/sdp' }),
      ...(earlyMedia === undefined ? {} : { 'P-Early-Media': earlyMedia }),
      ...{ Contact: contactOf(this.#options.request) },
      ...(this.#isReliable(status, sdp) ? { Require: '100rel' } : {}),
    };
    sendReply(this.#options.response, { status, headers, body: sdp });
  }

  #isReliable(status: number, sdp: string | undefined): boolean {
    if (status <= 100) return false;
    const { request } = this.#options;
    if (listsOption(request.get('Require'), '100rel')) return true;
    return sdp !== undefined && listsOption(request.get('Supported'), '100rel');
  }

  accept(answer: string): Promise<SipDialog> {
    if (this.#cancel.signal.aborted) return Promise.reject(this.#cancelledError());
    if (this.#answered) {
      const sentence = 'The INVITE already has its final answer.';
      return Promise.reject(new CopperlineError('CL_INTERNAL', { sentence }));
    }
    this.#answered = true;
    this.#accepting = true;
    return new Promise((resolve, reject) => {
      this.#cancel.signal.addEventListener(
        'abort',
        () => {
          reject(this.#cancelledError());
        },
        { once: true },
      );
      const { request, response, link } = this.#options;
      const options = { localSdp: answer, headers: { 'Content-Type': 'application/sdp' } };
      link.srf.createUAS(request, response, options, (error, wireDialog) => {
        if (wireDialog === undefined) {
          reject(this.#acceptFailed(error));
          this.#finish();
          return;
        }
        const offered = this.offer === undefined;
        const pass = this.flow?.pass;
        const dialog = this.#options.adoptDialog(wireDialog, link, { offered, pass });
        if (this.#cancel.signal.aborted) {
          // The CANCEL crossed our 200 and the 200 won: RFC 3261 section 9.2 leaves a call to hang up.
          void dialog.bye(this.#cancelledError());
          return;
        }
        this.#finish();
        resolve(dialog);
      });
    });
  }

  reject(status: number, options: { sentence: string; code: string; retryAfterS?: number }): void {
    if (this.#answered || this.#cancel.signal.aborted) return;
    this.#answered = true;
    const { code, retryAfterS } = options;
    const sentence = withoutNumber(options.sentence, this.flow?.pass);
    const headers = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
    sendReply(this.#options.response, refusalReply({ status, code, sentence, headers }));
    this.#finish();
  }

  readonly #onLinkLost = (): void => {
    const { link, request } = this.#options;
    const fromTag = /;\s*tag=([^;>\s]+)/i.exec(request.get('From') ?? '')?.[1] ?? '';
    // What a drachtio-server calls the dialog; drachtio-srf knows it only once the 200 is confirmed.
    if (this.#accepting) this.#options.onLeftBehind(`${this.callId};from-tag=${fromTag}`);
    const reason: unknown = link.lost.reason;
    this.#onCancelled(toCopperlineError(reason, 'CL_SIP_SERVER_UNREACHABLE'));
  };

  readonly #onFlowClosed = (): void => {
    // Nobody will send a CANCEL; the final response only frees the transaction in the SIP server.
    sendReply(this.#options.response, { status: 487, headers: {} });
    this.#onCancelled(callerGone('The WebSocket of the browser was closed.'));
  };

  #onCancelled(error: CopperlineError): void {
    if (this.#done || this.#cancel.signal.aborted) return;
    this.#cancel.abort(error);
    this.#finish();
  }

  #cancelledError(): CopperlineError {
    const reason: unknown = this.#cancel.signal.reason;
    return reason instanceof CopperlineError ? reason : callerGone();
  }

  /** The SIP server refuses the 200 when the INVITE transaction is over: it was cancelled, or the caller is gone. */
  #acceptFailed(error: unknown): CopperlineError {
    if (this.#cancel.signal.aborted) return this.#cancelledError();
    const text = error instanceof Error ? error.message : String(error);
    return new CopperlineError('CL_SIP_CANCELLED', {
      sentence: `The caller was gone before the call could be answered (${text}).`,
      cause: error,
    });
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#options.link.lost.removeEventListener('abort', this.#onLinkLost);
    this.#options.flow?.closed.removeEventListener('abort', this.#onFlowClosed);
    this.#options.onDone(this);
  }
}

/**
 * RFC 3261 section 12.1.1: what forms an early dialog names a Contact, and sip.js drops a 18x without one. A
 * drachtio-server adds it only to 2xx and reliable 1xx; it writes its own address for `localhost`.
 */
function contactOf(request: WireRequest): string {
  const transport = /^SIP\s*\/\s*2\.0\s*\/\s*(\w+)/i.exec(request.get('Via') ?? '')?.[1] ?? 'UDP';
  return `<sip:copperline@localhost;transport=${transport.toLowerCase()}>`;
}

function listsOption(header: string | undefined, option: string): boolean {
  return (header ?? '').split(',').some((one) => one.trim().toLowerCase() === option);
}

function callerGone(
  sentence = 'The caller hung up before the call was answered.',
): CopperlineError {
  return new CopperlineError('CL_SIP_CANCELLED', { sentence });
}
