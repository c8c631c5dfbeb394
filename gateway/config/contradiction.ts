import type { Path } from './config-error.js';

/** Two settings that are fine each, but not together. */
export interface Contradiction {
  path: Path;
  /** What is wrong; the given value is added to it. */
  what: string;
  /** Completes the sentence "allowed: ...". */
  allowed: string;
}
