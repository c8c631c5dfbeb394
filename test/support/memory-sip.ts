import { CopperlineError } from '../../gateway/kernel/errors.js';
import { splitPostDial } from '../../gateway/signaling/post-dial.js';
import type { BrowserFlow } from '../../gateway/signaling/browser-flows.js';
import type { TrunkOrigin } from '../../gateway/signaling/trunk-gate.js';
import type {
  IncomingInvite,
  InviteHandler,
  TrunkInviteHandler,
  OutgoingInviteRequest,
  OutgoingInviteResult,
  Party,
  ProgressOptions,
  SipDialog,
  SipEndpoint,
} from '../../gateway/signaling/sip-endpoint.js';
import { MemoryDialog, type Reason } from './memory-dialog.js';

/** An INVITE as the gateway sees it; the test plays the caller. */
export abstract class CallerCall implements IncomingInvite {
  readonly callId: string;
  readonly from;
  readonly called;
  readonly postDial: string | undefined;
  readonly offer: string | undefined;
  abstract readonly user: string | undefined;
  abstract readonly flow: BrowserFlow | undefined;
  abstract readonly source: string;
  readonly provisional: { status: number; sdp: string | undefined }[] = [];
  /** P-Early-Media of each. */
  readonly earlyMedia: ProgressOptions['earlyMedia'][] = [];
  /** The final refusal. */
  refused: { status: number; sentence: string; code: string; retryAfterS?: number } | undefined;
  answer: string | undefined;
  dialog: MemoryDialog | undefined;
  /** The CANCEL arrives while our 200 is on its way. */
  cancelDuringAccept = false;
  /** Our 200 is on its way until the test lets it arrive. */
  holdAccept: Promise<void> | undefined;
  readonly #headers: Record<string, string>;
  readonly #cancel = new AbortController();
  readonly #endpoint: MemoryEndpoint;

  constructor(
    endpoint: MemoryEndpoint,
    options: {
      callId: string;
      from: Party;
      number: string;
      offer: string | undefined;
      headers?: Record<string, string>;
    },
  ) {
    this.#endpoint = endpoint;
    this.#headers = options.headers ?? {};
    this.callId = options.callId;
    this.from = options.from;
    const { user: number, postDial } = splitPostDial(options.number, undefined);
    this.called = { user: number, host: 'test', displayName: undefined };
    this.postDial = postDial;
    this.offer = options.offer;
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  header(name: string): string | undefined {
    return this.#headers[name];
  }

  progress(status: number, { sdp, earlyMedia }: ProgressOptions = {}): void {
    if (this.final) return;
    this.provisional.push({ status, sdp });
    this.earlyMedia.push(earlyMedia);
  }

  async accept(answer: string): Promise<SipDialog> {
    if (this.final) throw new Error('a second final answer');
    this.answer = answer;
    if (this.cancelDuringAccept) this.cancel();
    await this.holdAccept;
    if (this.#cancel.signal.aborted)
      throw new CopperlineError('CL_SIP_CANCELLED', { sentence: 'Cancelled.' });
    this.dialog = this.#endpoint.openDialog(this.callId);
    return this.dialog;
  }

  reject(status: number, options: { sentence: string; code: string; retryAfterS?: number }): void {
    if (!this.final) this.refused = { status, ...options };
  }

  get final(): boolean {
    return this.#cancel.signal.aborted || this.refused !== undefined || this.answer !== undefined;
  }

  cancel(): void {
    this.#cancel.abort();
  }
}

/** A browser's INVITE. */
export class BrowserCall extends CallerCall {
  readonly user: string;
  readonly flow: BrowserFlow;
  readonly source = 'ws/127.0.0.1:50000';
  /** URI of its Contact. */
  readonly contact: string;
  readonly #socket = new AbortController();

  constructor(
    endpoint: MemoryEndpoint,
    options: {
      user: string;
      number: string;
      offer: string | undefined;
      id: number;
      headers: Record<string, string>;
    },
  ) {
    const { user, number, offer, id, headers } = options;
    const from = { user, host: 'test', displayName: undefined };
    super(endpoint, { callId: `browser-${id}`, from, number, offer, headers });
    this.user = user;
    this.contact = `sip:page${id}@p${id}.invalid;transport=ws`;
    const closed = this.#socket.signal;
    this.flow = { id: `flow-${id}`, remoteAddress: '127.0.0.1', closed };
  }

  override header(name: string): string | undefined {
    return name === 'Contact' ? `<${this.contact};ob>` : super.header(name);
  }

  /** The page is closed or the network fails. */
  loseWebSocket(): void {
    this.#socket.abort();
    if (!this.final) this.cancel();
  }
}

/** An INVITE as a carrier or a called browser gets it; the test plays the callee. */
export class CarrierCall {
  readonly request: OutgoingInviteRequest;
  /** The Reason of the CANCEL, once it came. */
  cancelReceived: Reason | undefined;
  dialog: MemoryDialog | undefined;
  readonly result: Promise<OutgoingInviteResult>;
  readonly #endpoint: MemoryEndpoint;
  #resolve: (result: OutgoingInviteResult) => void = () => undefined;

  constructor(request: OutgoingInviteRequest, endpoint: MemoryEndpoint) {
    this.request = request;
    this.#endpoint = endpoint;
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const onAbort = (): void => {
      this.cancelReceived = request.signal.reason as Reason;
      this.#resolve({ kind: 'cancelled' });
    };
    if (request.signal.aborted) onAbort();
    else request.signal.addEventListener('abort', onAbort, { once: true });
  }

  ring(status = 180, sdp?: string, tag = 'one'): void {
    if (this.cancelReceived === undefined)
      this.request.onProgress({ status, reason: 'Progress', sdp, tag });
  }

  /** A 200; when it crosses our CANCEL, the endpoint ends it with BYE, as its interface promises. */
  answer(sdp = 'v=0\r\no=carrier 1 1 IN IP4 192.0.2.1\r\n', tag = 'one'): MemoryDialog {
    const dialog = this.#endpoint.openDialog(
      `carrier-${this.#endpoint.carrierCalls.indexOf(this)}`,
      true,
    );
    this.dialog = dialog;
    if (this.cancelReceived === undefined)
      this.#resolve({ kind: 'answered', dialog, answer: sdp, tag });
    else void dialog.bye(this.cancelReceived);
    return dialog;
  }

  refuse(
    status: number,
    options: { reason?: string; local?: boolean; retryAfterS?: number } = {},
  ): void {
    const { reason = 'Refused', local = false, retryAfterS } = options;
    this.#resolve({ kind: 'refused', status, reason, reasonHeader: undefined, local, retryAfterS });
  }
}

/** A SipEndpoint without a network: the test plays browsers and carriers. */
export class MemoryEndpoint implements SipEndpoint {
  /** INVITEs to carriers and to called browsers. */
  readonly carrierCalls: CarrierCall[] = [];
  /** Set to make invite() reject: the connection to the SIP server is down. */
  down = false;
  readonly #dialogs = new Set<MemoryDialog>();
  readonly #unanswered = new Set<CarrierCall>();
  #handler: InviteHandler | undefined;
  #trunkHandler: TrunkInviteHandler | undefined;
  #browserCalls = 0;

  onInvite(handler: InviteHandler): void {
    this.#handler = handler;
  }

  onTrunkInvite(handler: TrunkInviteHandler): void {
    this.#trunkHandler = handler;
  }

  counts(): { dialogs: number; invites: number } {
    return { dialogs: this.#dialogs.size, invites: this.#unanswered.size };
  }

  async invite(request: OutgoingInviteRequest): Promise<OutgoingInviteResult> {
    if (this.down) {
      const sentence = 'The connection to the SIP server is down.';
      throw new CopperlineError('CL_SIP_SERVER_UNREACHABLE', { sentence });
    }
    const call = new CarrierCall(request, this);
    this.carrierCalls.push(call);
    this.#unanswered.add(call);
    const result = await call.result;
    this.#unanswered.delete(call);
    return result;
  }

  /** A signed-in browser calls. */
  browserDials(
    number: string,
    options: { user?: string; offer?: string | null; headers?: Record<string, string> } = {},
  ): BrowserCall {
    if (this.#handler === undefined) throw new Error('nobody takes INVITEs');
    const offer = options.offer === null ? undefined : (options.offer ?? BROWSER_OFFER);
    const id = ++this.#browserCalls;
    const headers = options.headers ?? {};
    const call = new BrowserCall(this, {
      ...{ user: options.user ?? 'alice', number, offer, id, headers },
    });
    this.#handler(call);
    return call;
  }

  /** An INVITE of a trunk arrived. */
  deliver(invite: IncomingInvite, origin: TrunkOrigin): void {
    if (this.#trunkHandler === undefined) throw new Error('nobody takes INVITEs of trunks');
    this.#trunkHandler(invite, origin);
  }

  openDialog(callId: string, outgoing = false): MemoryDialog {
    const dialog: MemoryDialog = new MemoryDialog(callId, {
      outgoing,
      onEnded: () => {
        this.#dialogs.delete(dialog);
      },
    });
    this.#dialogs.add(dialog);
    return dialog;
  }
}

export const BROWSER_OFFER = 'v=0\r\no=browser 1 1 IN IP4 0.0.0.0\r\ns=-\r\n';
