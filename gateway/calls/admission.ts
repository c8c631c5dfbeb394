import type { EndReason } from '../kernel/end-reason.js';
import { fromCode } from './end-reasons.js';

export interface AdmissionLimits {
  /** Calls at the same time, in total and per user. */
  maxCalls: number;
  maxCallsPerUser: number;
}

export type Admission =
  { kind: 'admitted' } | { kind: 'refused'; reason: EndReason; retryAfterS: number };

/** What a caller is told when calls pass; long enough for some to end. */
const RETRY_AFTER_S = 10;

/** Decides whether one more call may start. Pure: `present` are the users of the calls that are up or starting. */
export function admit(
  user: string | undefined,
  state: { present: readonly (string | undefined)[]; draining: boolean; limits: AdmissionLimits },
): Admission {
  const { present, draining, limits } = state;
  if (draining) {
    const sentence = 'The gateway is being shut down and takes no new calls.';
    return refused(fromCode('CL_CALL_DRAINING', sentence));
  }
  if (present.length >= limits.maxCalls) {
    const sentence = `The gateway carries ${present.length} calls, as many as it may (${limits.maxCalls}).`;
    return refused(fromCode('CL_CALL_LIMIT', sentence));
  }
  const own = present.filter((other) => other === user).length;
  if (own >= limits.maxCallsPerUser) {
    const sentence = `The user has ${own} calls, as many as a user may have (${limits.maxCallsPerUser}).`;
    return refused(fromCode('CL_CALL_USER_LIMIT', sentence));
  }
  return { kind: 'admitted' };
}

function refused(reason: EndReason): Admission {
  return { kind: 'refused', reason, retryAfterS: RETRY_AFTER_S };
}
