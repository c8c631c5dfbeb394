import { canonicalName, hasHeader } from '../message/headers.js';
import { createResponse } from '../message/response.js';
import type { SipMessage, SipResponse } from '../message/sip-message.js';

/** Without these the peer could not match a response (RFC 3261 section 17.1.3); what else lacks may be the defect. */
const NEEDED = ['via', 'cseq'] as const;

export interface Defect {
  /** The sentence from the parser. */
  why: string;
  status: number;
}

/**
 * The answer to a request that could not be accepted, its reason phrase naming the defect. Undefined
 * when there must be none: for a response, an ACK, or when too little of the request was readable.
 */
export function malformedReply(
  partial: SipMessage | undefined,
  defect: Defect,
): SipResponse | undefined {
  if (partial?.kind !== 'request' || partial.method === 'ACK') return undefined;
  if (!NEEDED.every((name) => hasHeader(partial, name))) return undefined;
  // One copy each: with two From or Call-ID the peer could not tell which transaction was meant.
  return createResponse(withoutDoubles(partial), {
    status: defect.status,
    reason: phrase(defect.why),
    // Constant: the answer is stateless, so each copy of the request must get the same one.
    toTag: 'malformed',
  });
}

function withoutDoubles<Message extends SipMessage>(message: Message): Message {
  const seen = new Set<string>();
  const headers = message.headers.filter(({ name }) => {
    const canonical = canonicalName(name);
    if (canonical === 'via') return true;
    if (seen.has(canonical)) return false;
    seen.add(canonical);
    return true;
  });
  return { ...message, headers };
}

/** RFC 3261 section 25.1 Reason-Phrase: one line; ASCII is all we send. */
function phrase(why: string): string {
  return why.replace(/\.$/, '').replace(/[^\x20-\x7e]/g, '?');
}
