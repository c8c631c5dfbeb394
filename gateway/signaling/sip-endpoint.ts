import type { Secret } from '../kernel/secret.js';
import type { ChallengeFailure } from './challenge-failure.js';
import type { BrowserFlow } from './browser-flows.js';
import type { IncomingRefer } from './incoming-refer.js';
import type { TrunkOrigin } from './trunk-gate.js';

/**
 * SIP as the calls see it: invites, dialogs and responses as promises and AbortSignals, with drachtio-srf
 * hidden behind it. Implementations are in this folder; nothing above may import drachtio-srf.
 */

/** A party of a call, from a From, To or Contact header. */
export interface Party {
  /** User part of the URI, unescaped; empty when there is none. */
  user: string;
  host: string;
  displayName: string | undefined;
}

export interface SipBody {
  contentType: string;
  content: string;
}

/** What goes with a provisional response. */
export interface ProgressOptions {
  sdp?: string;
  /** P-Early-Media (RFC 5009): whether something is to be heard already, for callers that know the header. */
  earlyMedia?: 'inactive' | 'sendrecv';
}

/** An INVITE that reached us and waits for exactly one final answer. */
export interface IncomingInvite {
  /** SIP Call-ID. */
  readonly callId: string;
  readonly from: Party;
  /** The request-URI's user and host: what was dialled. */
  readonly called: Party;
  /** Undefined when the INVITE carries no offer: then our 200 makes it, and the ACK brings the answer (DialogHandlers.onAnswer). */
  readonly offer: string | undefined;
  /** AOR user that authenticated, when the INVITE came from a browser user. */
  readonly user: string | undefined;
  /** A dial string for whoever answers, not part of `called`. A secret: never in a log or a record. */
  readonly postDial?: string | undefined;
  /** The WebSocket it came on, for browsers. */
  readonly flow: BrowserFlow | undefined;
  /** `protocol/host:port` of the sender, for logs. */
  readonly source: string;
  /**
   * Aborted when the INVITE can no longer be answered; the reason is a CopperlineError: CL_SIP_CANCELLED (the caller hung up or
   * is gone), CL_SIP_SERVER_UNREACHABLE.
   */
  readonly cancelled: AbortSignal;
  header(name: string): string | undefined;
  /**
   * A provisional response; ignored after the final one. It is sent reliably when the caller requires that, or takes it
   * and SDP goes with it (RFC 3262).
   */
  progress(status: number, options?: ProgressOptions): void;
  /**
   * 200 with the answer, or with our offer when the INVITE had none; resolves when the dialog is up.
   * @throws CopperlineError CL_SIP_CANCELLED when the caller cancelled meanwhile
   */
  accept(sdp: string): Promise<SipDialog>;
  /** The one final refusal; a second call is a no-op. `sentence` goes into a Reason header's text. */
  reject(status: number, options: { sentence: string; code: string; retryAfterS?: number }): void;
}

export type DialogEnd =
  { kind: 'bye'; reasonHeader: string | undefined } | { kind: 'gone'; sentence: string };

export interface DialogHandlers {
  /** The peer hung up, or the dialog died. At most once. */
  onEnd(end: DialogEnd): void;
  /**
   * A re-INVITE or UPDATE with an offer; undefined: a re-INVITE without, which asks for an offer.
   * Resolves with the answer (or that offer); rejects with a CopperlineError whose status is answered.
   */
  onReoffer(offer: string | undefined): Promise<string>;
  /**
   * The ACK after an offer of ours that the peer had asked for: in our 200 to an INVITE or re-INVITE without SDP. Undefined
   * when it brought no answer, against RFC 3261 section 13.2.2.4.
   */
  onAnswer?(answer: string | undefined): void;
  /** REFER; declined with 603 without this handler. */
  onRefer?(refer: IncomingRefer): void;
  /** INFO; resolves with the status to answer. */
  onInfo(body: SipBody): Promise<number>;
}

/** An established dialog. */
export interface SipDialog {
  readonly callId: string;
  readonly tags: { local: string; remote: string };
  /** Our INVITE made it, and its Call-ID is ours: decides who retries first after glare (RFC 3261 section 14.1). */
  readonly outgoing: boolean;
  /** MUST be set right after the dialog came up; events before that are kept. */
  setHandlers(handlers: DialogHandlers): void;
  /** Sends BYE with a Reason header; idempotent; resolves when answered or timed out; never rejects. */
  bye(reason: { sipStatus: number; sentence: string }): Promise<void>;
  /**
   * Resolves with the final status.
   * @throws CopperlineError CL_SIP_DIALOG_GONE
   */
  info(body: SipBody): Promise<number>;
  /**
   * Sends a re-INVITE; resolves with the answer.
   * @throws CopperlineError CL_SIP_DIALOG_GONE, CL_SIP_REQUEST_REFUSED with the peer's status
   */
  reoffer(offer: string): Promise<string>;
  /**
   * Sends a re-INVITE without SDP; `answerTo` turns the peer's offer into the answer that the ACK carries. When it rejects, the
   * ACK refuses the streams of that offer.
   * @throws CopperlineError as reoffer(), or what answerTo throws
   */
  requestOffer(answerTo: (offer: string) => Promise<string>): Promise<void>;
}

/** An INVITE that we send. */
export interface OutgoingInviteRequest {
  /** `sip:+49...@host:port;transport=udp`. */
  uri: string;
  /** Outbound proxy, when the next hop is not the URI's host. */
  nextHop?: string;
  /** URI for To; the request-URI's when absent. */
  to?: string | undefined;
  /** From URI and display name. */
  from: { uri: string; displayName: string | undefined };
  /**
   * Undefined: an INVITE without SDP. The offer comes with a reliable provisional response or the 200, once from each fork, and the
   * PRACK or ACK takes what `answerTo` makes of it; when that rejects, it refuses the streams.
   */
  offer: string | undefined;
  answerTo?: (offer: string) => Promise<string>;
  headers: Readonly<Record<string, string>>;
  /** Provisional responses sent reliably (RFC 3262). Default `off`: not mentioned. */
  reliableProvisionals?: 'off' | 'supported' | 'required' | undefined;
  /** Digest credentials for 401/407. */
  credentials?: { username: string; password: Secret } | undefined;
  /** Abort: CANCEL, with a Reason header made of the signal's reason when that has `sipStatus` and `sentence`. */
  signal: AbortSignal;
  /** `tag` tells the early dialogs of a forked INVITE apart (To tag); empty when there is none. */
  onProgress(progress: {
    status: number;
    reason: string;
    sdp: string | undefined;
    tag: string;
  }): void;
}

export type OutgoingInviteResult =
  /** `answer` is the SDP of the 200: an offer when the INVITE had none. */
  | { kind: 'answered'; dialog: SipDialog; answer: string; tag: string }
  | {
      kind: 'refused';
      status: number;
      reason: string;
      reasonHeader: string | undefined;
      /** Why a 488 or 606 (RFC 3261 section 20.43). */
      warningHeader?: string | undefined;
      /** What the peer would have taken, of a 488. */
      sdp?: string | undefined;
      /** Of a 503 above all, seconds. */
      retryAfterS?: number | undefined;
      /** Why a 401 or 407 was the last word. */
      challenge?: ChallengeFailure | undefined;
      /** True when our own stack made the response: timeout (408) or transport error (503). */
      local: boolean;
    }
  | { kind: 'cancelled' };

/** Gets each INVITE that passed authentication; MUST NOT throw. */
export type InviteHandler = (invite: IncomingInvite) => void;

/** Gets each INVITE of a trunk; `called` is the number that the carrier names. MUST NOT throw. */
export type TrunkInviteHandler = (invite: IncomingInvite, origin: TrunkOrigin) => void;

export interface SipEndpoint {
  /**
   * Resolves for every outcome that SIP knows; rejects only when the SIP server connection is down (CL_SIP_SERVER_UNREACHABLE).
   * Once the signal is aborted the result is never `answered`: a 200 that crosses the CANCEL is ended by ACK and BYE here.
   */
  invite(request: OutgoingInviteRequest): Promise<OutgoingInviteResult>;
  /** There is one handler; without it INVITEs get 503. */
  onInvite(handler: InviteHandler): void;
  /** There is one handler; without it INVITEs from trunks get 403. */
  onTrunkInvite(handler: TrunkInviteHandler): void;
  /** What is open now; all zero after every call ended. For drain and leak checks. */
  counts(): { dialogs: number; invites: number };
}
