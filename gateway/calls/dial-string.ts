/** One step of a dial string. The digits are secrets. `prompt`: what the other side is waited for to say. */
export type DialStep =
  { kind: 'digits'; digits: string } | { kind: 'pause'; ms: number } | { kind: 'prompt' };

/** As modems and phones have it. */
const COMMA_MS = 2_000;
/** Longer than any card number with its pauses. */
const MAX_LENGTH = 100;

/**
 * Reads digits (`0`-`9`, `*`, `#`, `A`-`D`) with pauses between them: `,` or `p` 2 s, `w` until the other side has beeped or gives a dial
 * tone. Spaces, hyphens, dots and brackets are for people. Undefined when anything else is in it, it is empty or longer than 100 characters.
 * @param answered false: dialled with the number; a leading `w` is the answer then, which everything waits for
 */
export function parseDialString(text: string, answered: boolean): DialStep[] | undefined {
  const written = text.replace(/[\s().-]/g, '');
  const plain = answered ? written : written.replace(/^w/i, '');
  if (plain === '' || plain.length > MAX_LENGTH || !/^[0-9*#A-D,pw]+$/i.test(plain))
    return undefined;
  return [...plain.matchAll(/[,pw]|[0-9*#A-D]+/gi)].map(([part]) => {
    if (/^[,p]$/i.test(part)) return { kind: 'pause', ms: COMMA_MS };
    if (/^w$/i.test(part)) return { kind: 'prompt' };
    return { kind: 'digits', digits: part.toUpperCase() };
  });
}
