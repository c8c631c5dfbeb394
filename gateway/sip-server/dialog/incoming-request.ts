import type { Timer } from '../../kernel/clock.js';
import { newToken, newUuid } from '../../kernel/ids.js';
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
  readonly #silence: Timer;

  constructor(
    context: CoreContext,
    parts: {
      transaction: ServerTransaction;
      application: Application;
      dialog: Dialog | undefined;
      onSilence: () => void;
    },
  ) {
    this.transaction = parts.transaction;
    this.application = parts.application;
    this.dialog = parts.dialog;
    this.inside = parts.dialog !== undefined;
    this.localTag = parts.dialog?.localTag ?? newToken();
    this.#silence = context.clock.setTimer(
      parts.onSilence,
      this.isInvite ? SILENCE_INVITE_MS : SILENCE_OTHER_MS,
    );
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

  /** The last word is spoken. */
  finish(): void {
    this.#silence.cancel();
    this.reliable?.stop();
  }

  /** Answers for the application. Nothing happens when a final response has been sent. */
  answer(context: CoreContext, status: number, headers: SipHeader[] = []): void {
    answerTransaction(context, this.transaction, { status, toTag: this.localTag, headers });
  }
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
