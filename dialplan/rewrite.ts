import type { Rewrite } from './dialplan-config.js';

/** A number changed by a rule; the same number when the pattern does not match. */
export function rewritten(number: string, { pattern, to }: Rewrite): string {
  return number.replace(new RegExp(pattern, 'u'), to);
}
