import type { Timer } from '../../kernel/clock.js';

/** What two sides have agreed on (RFC 4028), and the timer that sees to it. */
export interface Session {
  readonly seconds: number;
  readonly weRefresh: boolean;
  /** On the monotonic clock. */
  readonly expiresAt: number;
  timer: Timer;
}
