import type { EndReason } from '../kernel/end-reason.js';

/** Of several refusals the caller is told the one that says most; the first of equals. */
const TELLING = ['NO_ANSWER', 'BUSY', 'DECLINED', 'UNAVAILABLE'];

export function moreTelling(one: EndReason | undefined, two: EndReason): EndReason {
  if (one === undefined) return two;
  return rankOf(two) < rankOf(one) ? two : one;
}

function rankOf({ code }: EndReason): number {
  const rank = TELLING.indexOf(code);
  if (rank >= 0) return rank;
  return code === 'CL_CALL_NOT_REGISTERED' ? TELLING.length + 1 : TELLING.length;
}
