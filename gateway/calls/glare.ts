import { delay } from '../kernel/clock.js';
import { CopperlineError } from '../kernel/errors.js';
import type { SipDialog } from '../signaling/sip-endpoint.js';
import type { Call } from './call.js';

/** A peer that always says 491 is no peer that offers something at the same time. */
const MAX_ATTEMPTS = 8;

/** The peer has an offer of its own under way. */
function isGlare(thrown: unknown): boolean {
  return thrown instanceof CopperlineError && thrown.sipStatus === 491;
}

/** RFC 3261 section 14.1: ms, in steps of 10; the owner of the Call-ID leaves the other one to go first. */
function waitMs({ outgoing }: SipDialog, random: () => number): number {
  return outgoing ? 2_100 + 10 * Math.floor(random() * 191) : 10 * Math.floor(random() * 201);
}

/**
 * Repeats what offers something in a dialog until it meets no offer of the peer, with its time between attempts. Each attempt has to take
 * its own turn in the call's queue, so that the peer's offer is answered meanwhile.
 * @throws what the attempt throws, unless it is glare; at the end of the call the reason of that
 */
export async function offeredPatiently<Result>(
  { call, dialog, random }: { call: Call; dialog: SipDialog; random: () => number },
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!isGlare(thrown) || count === MAX_ATTEMPTS) throw thrown;
    }
    await delay(call.clock, waitMs(dialog, random), call.over.signal);
  }
}
