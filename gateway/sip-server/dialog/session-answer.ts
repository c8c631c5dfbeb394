import { getHeader, type HeaderHolder } from '../message/headers.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import type { ResponseDraft } from './application.js';
import { draftHeader } from './draft-headers.js';
import {
  formatSessionExpires,
  MIN_SESSION_SECONDS,
  sessionExpiresOf,
  supportsTimer,
  type Refresher,
} from './session-expires.js';

/** Is the session interval that this request asks for one that nobody may ask for (RFC 4028 section 4)? */
export function asksTooShortSession(request: SipRequest): boolean {
  if (!refreshesSession(request)) return false;
  const asked = sessionExpiresOf(request);
  return asked !== undefined && asked.seconds < MIN_SESSION_SECONDS;
}

function refreshesSession({ method }: { method: string }): boolean {
  return method === 'INVITE' || method === 'UPDATE';
}

/** RFC 4028 section 6. */
export const MIN_SE: SipHeader = { name: 'Min-SE', value: String(MIN_SESSION_SECONDS) };

/**
 * The headers that a 2xx lacks to settle the session (RFC 4028 section 9): the application's own Session-Expires
 * stands (with the least interval that is allowed), else what the peer offered together with a refresher is taken as it is.
 * A peer that does not know session timers (a proxy has asked for one) cannot refresh.
 * @param fallback the refresher where the offer leaves it open; undefined: then there is no session timer
 */
export function sessionAnswer(
  request: SipRequest,
  draft: ResponseDraft,
  fallback: Refresher | undefined,
): ResponseDraft {
  if (Math.floor(draft.status / 100) !== 2 || !refreshesSession(request)) return draft;
  const offered = sessionExpiresOf(request);
  const from = sessionExpiresOf(draft) ?? offered;
  const named = from?.refresher ?? offered?.refresher ?? fallback;
  if (from === undefined || named === undefined) return draft;
  const refresher = supportsTimer(request) ? named : 'uas';
  const seconds = Math.max(from.seconds, MIN_SESSION_SECONDS);
  const headers = draft.headers.filter(({ name }) => !/^(?:session-expires|x)$/i.test(name));
  headers.push({ name: 'Session-Expires', value: formatSessionExpires(seconds, refresher) });
  if (refresher === 'uac') requireTimer(headers);
  return { ...draft, headers };
}

function requireTimer(headers: SipHeader[]): void {
  const required = draftHeader(headers, 'require');
  if (required === undefined) headers.push({ name: 'Require', value: 'timer' });
  else if (!/\btimer\b/i.test(required)) headers.push({ name: 'Require', value: 'timer' });
}

/** An application's re-INVITE or UPDATE refreshes the session too; it need not know (RFC 4028 section 7.4). */
export function withSession(
  draft: { method: string; headers: SipHeader[] } & HeaderHolder,
  session: { seconds: number; weRefresh: boolean } | undefined,
): SipHeader[] {
  if (session === undefined || !refreshesSession(draft)) return draft.headers;
  if (getHeader(draft, 'Session-Expires') !== undefined) return draft.headers;
  const refresher = session.weRefresh ? 'uac' : 'uas';
  const headers = [
    ...draft.headers,
    { name: 'Session-Expires', value: formatSessionExpires(session.seconds, refresher) },
  ];
  if (!supportsTimer(draft)) headers.push({ name: 'Supported', value: 'timer' });
  return headers;
}
