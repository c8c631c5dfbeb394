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
export const RETRY_AFTER_S = 10;

/**
 * Decides whether one more call may start. Pure: `present` calls are up or starting, `own` of them belong to the calling user (undefined: the
 * caller is no user of ours). An emergency call may (RFC 6881 section 9.3: nothing that protects the operator stands in its way), also while a
 * draining gateway waits for its last calls.
 */
export function admit(state: {
  present: number;
  own: number | undefined;
  draining: boolean;
  emergency: boolean;
  limits: AdmissionLimits;
}): Admission {
  const { present, own, draining, emergency, limits } = state;
  if (emergency) return { kind: 'admitted' };
  if (draining) {
    const sentence = 'The gateway is being shut down and takes no new calls.';
    return refused(fromCode('CL_CALL_DRAINING', sentence));
  }
  if (present >= limits.maxCalls) {
    const sentence = `The gateway carries ${present} calls, as many as it may (${limits.maxCalls}).`;
    return refused(fromCode('CL_CALL_LIMIT', sentence));
  }
  if (own !== undefined && own >= limits.maxCallsPerUser) {
    const sentence = `The user has ${own} calls, as many as a user may have (${limits.maxCallsPerUser}).`;
    return refused(fromCode('CL_CALL_USER_LIMIT', sentence));
  }
  return { kind: 'admitted' };
}

function refused(reason: EndReason): Admission {
  return { kind: 'refused', reason, retryAfterS: RETRY_AFTER_S };
}
