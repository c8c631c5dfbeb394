import { canonicalName } from '../message/headers.js';
import type { SipHeader, SipResponse } from '../message/sip-message.js';

/** These tell the caller how to try again (RFC 3261 section 16.7 step 6). */
const TELLING: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

/**
 * The final response to pass on when no target accepted (RFC 3261 section 16.7 steps 6 and 7): any 6xx, else
 * one of the lowest class, among 4xx those that tell how to try again first; of equals the first that came. Undefined
 * when there is none.
 */
export function bestResponse(responses: readonly SipResponse[]): SipResponse | undefined {
  let best: SipResponse | undefined;
  for (const response of responses)
    if (best === undefined || rank(response.status) < rank(best.status)) best = response;
  if (best === undefined) return undefined;
  return withAllChallenges(
    passable(best),
    responses.filter((one) => one !== best),
  );
}

function rank(status: number): number {
  if (status >= 600) return 0;
  if (status >= 400 && status < 500) return TELLING.has(status) ? 40 : 45;
  return Math.floor(status / 100) * 10;
}

/** A 503 would keep the caller away from us, who have other ways (RFC 3261 section 16.7 step 6). */
function passable(response: SipResponse): SipResponse {
  if (response.status !== 503) return response;
  const headers = response.headers.filter(({ name }) => canonicalName(name) !== 'retry-after');
  return { ...response, status: 500, reason: 'Server Internal Error', headers };
}

/** Each target's challenge, so that the caller can answer them all at once (RFC 3261 section 16.7 step 7). */
function withAllChallenges(best: SipResponse, others: readonly SipResponse[]): SipResponse {
  if (best.status !== 401 && best.status !== 407) return best;
  const challenges = others
    .filter(({ status }) => status === 401 || status === 407)
    .flatMap(({ headers }) => headers.filter(isChallenge));
  return challenges.length === 0 ? best : { ...best, headers: [...best.headers, ...challenges] };
}

function isChallenge({ name }: SipHeader): boolean {
  return /^(?:www|proxy)-authenticate$/i.test(name);
}
