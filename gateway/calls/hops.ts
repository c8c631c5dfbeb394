import { CopperlineError } from '../kernel/errors.js';
import type { IncomingInvite } from '../signaling/sip-endpoint.js';

/** RFC 3261 section 8.1.1.6. */
const USUAL_HOPS = 70;

/**
 * How many hops a call that goes on to the phone network may still take: one less than its INVITE had. A call that is forwarded to a
 * number which forwards it back here would go round for ever otherwise (RFC 7332: Max-Forwards is what ends the loops of B2BUAs).
 * @throws CopperlineError CL_CALL_TOO_MANY_HOPS (483)
 */
export function hopsLeft(invite: IncomingInvite): number {
  const given = /^\s*(\d{1,3})\s*$/.exec(invite.header('Max-Forwards') ?? '')?.[1];
  const left = Math.min(Number(given ?? USUAL_HOPS), USUAL_HOPS) - 1;
  if (left > 0) return left;
  const sentence = `The call has no hops left (Max-Forwards ${given ?? ''}): it seems to go round.`;
  throw new CopperlineError('CL_CALL_TOO_MANY_HOPS', { sentence });
}
