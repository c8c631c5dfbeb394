import type { GuardConfig, NumberSet } from './dialplan-config.js';
import { expensiveRange } from './expensive-ranges.js';
import type { NumberFacts } from './number-facts.js';

/**
 * Whether the guard closes an E.164 number, and why, as one sentence; undefined when it may be called.
 * In this order: `deny`; the expensive ranges, unless `open` names the number; `allow`, when there is one.
 */
export function closedBy(
  guard: GuardConfig | undefined,
  number: string,
  facts: NumberFacts,
): string | undefined {
  const denied = found(guard?.deny, number, facts);
  if (denied !== undefined)
    return `${number} may not be called: dialplan.guard.deny names ${denied}.`;
  const range = expensiveRange(number, facts);
  if (range !== undefined) {
    const opened = guard?.open?.some((prefix) => number.startsWith(prefix)) === true;
    if (opened) return undefined;
    return `${number} may not be called: ${range} are closed unless dialplan.guard.open names them.`;
  }
  if (guard?.allow === undefined || found(guard.allow, number, facts) !== undefined)
    return undefined;
  const where = facts.country === undefined ? number : `${number} (${facts.country})`;
  return `${where} may not be called: dialplan.guard.allow does not name it.`;
}

function found(
  set: NumberSet | undefined,
  number: string,
  { country }: NumberFacts,
): string | undefined {
  const prefix = set?.prefixes?.find((beginning) => number.startsWith(beginning));
  if (prefix !== undefined) return prefix;
  return country !== undefined && set?.countries?.includes(country) === true ? country : undefined;
}
