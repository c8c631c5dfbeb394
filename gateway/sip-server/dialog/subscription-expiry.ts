import { getHeader } from '../message/headers.js';
import { parseParams, getParam } from '../message/params.js';
import type { SipMessage, SipRequest, SipResponse } from '../message/sip-message.js';
import { GIVE_UP_MS, type CoreContext } from './core-context.js';
import type { Dialog } from './dialog.js';

/** What most event packages take when nobody names a time (RFC 6665 section 4.2.1.1 leaves it to them). */
const DEFAULT_SECONDS = 3_600;
const MAX_SECONDS = 86_400;

/**
 * A 2xx to SUBSCRIBE says how long the subscription lasts; it goes with it, a little later, if neither side ends
 * or refreshes it (RFC 6665 section 4.1.2).
 */
export function noteSubscription(
  context: CoreContext,
  dialog: Dialog,
  accepted: { request: SipRequest; response: SipResponse },
): void {
  const granted = getHeader(accepted.response, 'Expires') ?? getHeader(accepted.request, 'Expires');
  arm(context, dialog, secondsOf(granted) ?? DEFAULT_SECONDS);
}

/** A NOTIFY may name another time (RFC 6665 section 4.2.2). */
export function noteNotify(context: CoreContext, dialog: Dialog, notify: SipMessage): void {
  if (dialog.kind !== 'SUBSCRIBE') return;
  const state = getHeader(notify, 'Subscription-State') ?? '';
  const at = state.indexOf(';');
  const params = at === -1 ? undefined : parseParams(state.slice(at));
  const seconds = secondsOf(params === undefined ? undefined : getParam(params, 'expires'));
  if (seconds !== undefined) arm(context, dialog, seconds);
}

function arm(context: CoreContext, dialog: Dialog, seconds: number): void {
  dialog.expiry?.cancel();
  if (dialog.ended || dialog.kind !== 'SUBSCRIBE') return;
  dialog.expiry = context.clock.setTimer(
    () => {
      context.log.info({ dialog: dialog.id }, 'a subscription has expired');
      context.dialogs.remove(dialog);
    },
    Math.min(seconds, MAX_SECONDS) * 1000 + GIVE_UP_MS,
  );
}

function secondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,10}$/.test(value.trim()) ? Number(value) : undefined;
}
