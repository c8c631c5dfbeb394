/** The base values of RFC 3261 table 4, in ms; all timers A to M follow from them. */
export interface TransactionTimers {
  /** Round-trip estimate. */
  t1: number;
  /** Longest interval between retransmissions. */
  t2: number;
  /** Longest time a message stays in the network. */
  t4: number;
}

export const DEFAULT_TIMERS: Readonly<TransactionTimers> = { t1: 500, t2: 4_000, t4: 5_000 };

/** Timers B, F, H, J, L and M: 64*T1. */
export function giveUpAfter(timers: Readonly<TransactionTimers>): number {
  return 64 * timers.t1;
}

/** Timer D is "at least 32 seconds" for the default T1 (RFC 3261 section 17.1.1.2), so it follows T1. */
export function timerD(timers: Readonly<TransactionTimers>): number {
  return 64 * timers.t1;
}

/** When timer E of a client reaches T2: no 100 to a non-INVITE before (RFC 4320 section 4.1). */
export function earliest100(timers: Readonly<TransactionTimers>): number {
  let elapsed = 0;
  for (let interval = timers.t1; interval < timers.t2; interval *= 2) elapsed += interval;
  return elapsed;
}
