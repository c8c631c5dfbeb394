import { randomInt } from 'node:crypto';
import { parseCSeq } from '../message/cseq.js';
import { getHeader } from '../message/headers.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import type { Dialog } from './dialog.js';
import { asksTooShortSession, MIN_SE } from './session-answer.js';

export interface Refusal {
  status: number;
  headers?: SipHeader[];
}

/** Why a request in a dialog cannot go to its application; undefined when it can. */
export function insideRefusal(dialog: Dialog, request: SipRequest): Refusal | undefined {
  if (!dialog.application.connected) return { status: 481 };
  const sequence = parseCSeq(getHeader(request, 'CSeq') ?? '')?.number ?? 0;
  // RFC 3261 section 12.2.2.
  if (dialog.remoteSequence !== undefined && sequence < dialog.remoteSequence)
    return { status: 500 };
  if (asksTooShortSession(request)) return { status: 422, headers: [MIN_SE] };
  return request.method === 'INVITE' ? inviteRefusal(dialog) : undefined;
}

/** RFC 3261 section 14.2: tried again after a time up to here, in seconds. */
const RETRY_WITHIN = 10;

/** RFC 3261 section 14.2. */
function inviteRefusal(dialog: Dialog): Refusal | undefined {
  const { incoming, outgoing } = dialog.invites;
  if (outgoing?.state === 'pending') return { status: 491 };
  // An answered one whose ACK was lost is over for the peer; only an unanswered one stands in the way.
  if (incoming !== undefined && !incoming.answered)
    return {
      status: 500,
      headers: [{ name: 'Retry-After', value: String(randomInt(RETRY_WITHIN + 1)) }],
    };
  return undefined;
}
