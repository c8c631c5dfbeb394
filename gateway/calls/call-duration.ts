import type { Call } from './call.js';
import type { CallTimeouts } from './call-context.js';

/** How long a call may last, ms; 0 for as long as it likes. */
export function longestMs({ emergency, invite }: Call, timeouts: CallTimeouts): number {
  if (emergency) return 0;
  const own = invite.flow?.pass?.maxDurationMs;
  const { maxDurationMs: all } = timeouts;
  if (own === undefined) return all;
  return all === 0 ? own : Math.min(own, all);
}
