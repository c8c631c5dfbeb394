import { randomInt } from 'node:crypto';
import type { SipMessage, SipResponse } from '../message/sip-message.js';
import type { CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';
import { sendOwnBye } from './own-requests.js';
import {
  MIN_SESSION_SECONDS,
  sessionExpiresOf,
  type Refresher,
  type SessionExpires,
} from './session-expires.js';
import { sendRefresh } from './session-refresh.js';

/** A refresh that met another INVITE, or an overloaded peer, comes again after this. */
const RETRY_MS = 5_000;
/** Refreshes of calls that began together are spread over this time. */
const SPREAD_MS = 5_000;
/** A timer takes at most 2^31 ms; nobody agrees on longer sessions in earnest. */
const MAX_SECONDS = 86_400;

/**
 * A 2xx to an INVITE or UPDATE settles the session anew: with a Session-Expires it runs for that long, without
 * one it has no end (RFC 4028 sections 7.2 and 9).
 * @param ourRole of that request
 */
export function settleSession(
  context: CoreContext,
  dialog: Dialog,
  settled: { message: SipMessage; ourRole: Refresher },
): void {
  dialog.session?.timer.cancel();
  dialog.session = undefined;
  const agreed = sessionExpiresOf(settled.message);
  if (agreed === undefined || dialog.ended) return;
  run(context, dialog, { agreed, weRefresh: agreed.refresher === settled.ourRole });
}

function run(
  context: CoreContext,
  dialog: Dialog,
  how: { agreed: SessionExpires; weRefresh: boolean },
): void {
  const { clock } = context;
  const seconds = Math.min(Math.max(how.agreed.seconds, MIN_SESSION_SECONDS), MAX_SECONDS);
  const ms = seconds * 1000;
  const expiresAt = clock.monotonic() + ms;
  // RFC 4028 section 10: half of the interval is recommended to the refresher.
  const timer = how.weRefresh
    ? clock.setTimer(
        () => {
          refresh(context, dialog);
        },
        ms / 2 - randomInt(SPREAD_MS),
      )
    : clock.setTimer(() => {
        expire(context, dialog);
      }, ms);
  dialog.session = { seconds, weRefresh: how.weRefresh, expiresAt, timer };
}

function refresh(context: CoreContext, dialog: Dialog, atLeast = 0): void {
  const { session } = dialog;
  if (session === undefined) return;
  sendRefresh(context, dialog, {
    seconds: Math.max(session.seconds, atLeast),
    onAccepted: (response: SipResponse) => {
      settleSession(context, dialog, { message: response, ourRole: 'uac' });
    },
    onGone: () => {
      expire(context, dialog);
    },
    onLater: () => {
      retry(context, dialog);
    },
    onTooShort: (seconds) => {
      if (seconds <= MAX_SECONDS) refresh(context, dialog, seconds);
      else retry(context, dialog);
    },
  });
}

/** RFC 4028 section 10: BYE a little before the end, if no refresh succeeds. */
function retry(context: CoreContext, dialog: Dialog): void {
  const { session } = dialog;
  if (session === undefined || dialog.ended) return;
  const { seconds, expiresAt } = session;
  const lastMoment = expiresAt - Math.min(32_000, (seconds * 1000) / 3);
  if (context.clock.monotonic() + RETRY_MS > lastMoment) {
    expire(context, dialog);
    return;
  }
  session.timer.cancel();
  session.timer = context.clock.setTimer(() => {
    refresh(context, dialog);
  }, RETRY_MS);
}

function expire(context: CoreContext, dialog: Dialog): void {
  sendOwnBye(context, dialog, { reason: 'Session timer expired', end: 'session-expired' });
}
