import type { WireMessageSent, WireResponse } from './drachtio-wire.js';
import { flattenHeaders } from './replies.js';
import type { SipReply } from './sip-request.js';

export const ALLOWED_METHODS =
  'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, REGISTER';

/**
 * Sends a response; a second final one is dropped. drachtio-srf refuses status codes that it does not
 * know (607, 608), so those go out as the general code of their class (RFC 3261 section 8.1.3.2).
 */
export function sendReply(
  response: WireResponse,
  reply: SipReply & { body?: string | undefined },
  onSent?: (error: unknown, sent?: WireMessageSent) => void,
): void {
  if (response.finalResponseSent) return;
  const options = { headers: flattenHeaders(reply.headers), body: reply.body };
  try {
    response.send(reply.status, options, onSent);
  } catch (error) {
    if (!/valid sip response code/.test(String(error))) {
      onSent?.(error);
      return;
    }
    response.send(Math.floor(reply.status / 100) * 100, options, onSent);
  }
}
