/** One thing that is sent or waited for after the answer. */
export type DialStep = { kind: 'digit'; digit: string } | { kind: 'pause'; ms: number };

/** As modems and phones have it: a comma is 2 s, a `w` 1 s. */
const PAUSE_MS: Readonly<Record<string, number>> = { ',': 2000, P: 2000, W: 1000 };

/**
 * Splits `+4930123,,1234#` at its first pause into the number to call and what is dialled after the answer. Whatever follows a
 * pause may be a secret and is never part of the INVITE.
 */
export function splitDialString(text: string): { number: string; digits: string } {
  const at = text.search(/[,pw]/i);
  // A user name may hold these letters; a number may not.
  if (at < 1 || !/^[+*#0-9][\d\s()./*#A-D-]*$/i.test(text.slice(0, at)))
    return { number: text, digits: '' };
  return { number: text.slice(0, at).trim(), digits: text.slice(at) };
}

/** Digits (`0-9 * # A-D`, ITU-T Q.23) and pauses (`,` or `p` 2 s, `w` 1 s) in `text`; other characters are left out. */
export function toDialSteps(text: string): DialStep[] {
  return Array.from(text.toUpperCase().replace(/[^0-9*#A-D,PW]/g, ''), (character) => {
    const ms = PAUSE_MS[character];
    return ms === undefined ? { kind: 'digit', digit: character } : { kind: 'pause', ms };
  });
}
