import type { Timer } from '../../kernel/clock.js';
import { newToken, newUuid } from '../../kernel/ids.js';
import { getHeader } from '../message/headers.js';
import { createResponse } from '../message/response.js';
import type { SipHeader } from '../message/sip-message.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Application } from './application.js';
import { GIVE_UP_MS, type CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import type { ReliableProvisionals } from './reliable-provisionals.js';

/** An INVITE that its application ignores altogether is refused after this. */
const SILENCE_INVITE_MS = 2 * GIVE_UP_MS;
/** Others before the peer's timer F ends the wait: a later answer would find nobody (RFC 4320 section 4.2). */
const SILENCE_OTHER_MS = GIVE_UP_MS - 2000;

/** RFC 3261 section 13.3.1.1: proxies would take a phone that rings for longer without a word for dead. */
const REMIND_MS = 60_000;
/** An INVITE that may wait for longer has no end in earnest. */
const MAX_EXPIRES_SECONDS = 3_600;

/** A request from the network that an application must answer. */
export class IncomingRequest {
  /** The application protocol's id. */
  readonly id = newUuid();
  readonly transaction: ServerTransaction;
  readonly application: Application;
  /** Our tag: of the dialog, or of the one that the request may form. */
  localTag: string;
  /** The dialog that the request came in, or the one that it forms, once a response has been sent. */
  dialog: Dialog | undefined;
  /** True when it came in a dialog. */
  readonly inside: boolean;
  /** A response of the application has gone out. */
  responded = false;
  reliable: ReliableProvisionals | undefined;
  /** Its 2xx waits for the PRACKs of the provisional responses before it. */
  held = false;
  /** Who hears of the transaction since the application has handed the request on. */
  successor: ServerTransactionHandlers | undefined;
  readonly #clock: CoreContext['clock'];
  readonly #silence: Timer;
  readonly #expiry: Timer | undefined;
  #reminder: Timer | undefined;

  constructor(
    context: CoreContext,
    parts: {
      transaction: ServerTransaction;
      application: Application;
      dialog: Dialog | undefined;
      onSilence: () => void;
      /** The time that the caller gave its INVITE is over (RFC 3261 section 13.3.1). */
      onExpired: () => void;
    },
  ) {
    this.#clock = context.clock;
    this.transaction = parts.transaction;
    this.application = parts.application;
    this.dialog = parts.dialog;
    this.inside = parts.dialog !== undefined;
    this.localTag = parts.dialog?.localTag ?? newToken();
    this.#silence = context.clock.setTimer(
      parts.onSilence,
      this.isInvite ? SILENCE_INVITE_MS : SILENCE_OTHER_MS,
    );
    const expires = this.beginsCall ? expiresOf(parts.transaction) : undefined;
    if (expires !== undefined)
      this.#expiry = context.clock.setTimer(parts.onExpired, expires * 1000);
  }

  get isInvite(): boolean {
    return this.transaction.request.method === 'INVITE';
  }

  /** Its final response decides whether there is a call. */
  get beginsCall(): boolean {
    return this.isInvite && !this.inside;
  }

  /** A sign of life: the application may now take as long as it likes. */
  heard(): void {
    this.responded = true;
    this.#silence.cancel();
  }

  /** Says the same provisional response each minute, until another one or the last word. */
  remind(send: () => void): void {
    this.keepQuiet();
    this.#reminder = this.#clock.setTimer(() => {
      this.remind(send);
      send();
    }, REMIND_MS);
  }

  /** Ends {@link remind}. */
  keepQuiet(): void {
    this.#reminder?.cancel();
  }

  /** The last word is spoken. */
  finish(): void {
    this.#silence.cancel();
    this.#expiry?.cancel();
    this.keepQuiet();
    this.reliable?.stop();
  }

  /** Answers for the application. Nothing happens when a final response has been sent. */
  answer(context: CoreContext, status: number, headers: SipHeader[] = []): void {
    answerTransaction(context, this.transaction, { status, toTag: this.localTag, headers });
  }
}

function expiresOf({ request }: ServerTransaction): number | undefined {
  const value = getHeader(request, 'Expires');
  const seconds = value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : Infinity;
  return seconds <= MAX_EXPIRES_SECONDS ? Math.max(1, seconds) : undefined;
}

/** Responds without an application. Nothing happens when a final response has been sent. */
export function answerTransaction(
  context: CoreContext,
  transaction: ServerTransaction,
  answer: { status: number; reason?: string; toTag?: string; headers?: SipHeader[] },
): void {
  if (!transaction.pending) return;
  const toTag = answer.status === 100 ? undefined : (answer.toTag ?? newToken());
  const response = createResponse(transaction.request, {
    status: answer.status,
    headers: answer.headers ?? [],
    ...(answer.reason === undefined ? {} : { reason: answer.reason }),
    ...(toTag === undefined ? {} : { toTag }),
  });
  transaction.respond(response).catch((error: unknown) => {
    context.log.debug({ err: error, status: answer.status }, 'a response could not be sent');
  });
}
