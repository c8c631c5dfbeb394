/** One step of a dial string. The digits are secrets. */
export type DialStep = { kind: 'digits'; digits: string } | { kind: 'pause'; ms: number };

/** As modems and phones have it. */
const COMMA_MS = 2_000;
/** Everything waits for the answer anyway; in between it is a shorter pause. */
const WAIT_MS = 1_000;
/** Longer than any card number with its pauses. */
const MAX_LENGTH = 100;

/**
 * Reads digits (`0`-`9`, `*`, `#`, `A`-`D`) with pauses between them: `,` or `p` 2 s, `w` 1 s; a leading `w` is the answer, which
 * everything waits for. Spaces, hyphens, dots and brackets are for people. Undefined when anything else is in it, it is empty or longer than
 * 100 characters.
 */
export function parseDialString(text: string): DialStep[] | undefined {
  const plain = text.replace(/[\s().-]/g, '').replace(/^w/i, '');
  if (plain === '' || plain.length > MAX_LENGTH || !/^[0-9*#A-D,pw]+$/i.test(plain))
    return undefined;
  return [...plain.matchAll(/[,pw]|[0-9*#A-D]+/gi)].map(([part]) => {
    if (/^[,p]$/i.test(part)) return { kind: 'pause', ms: COMMA_MS };
    if (/^w$/i.test(part)) return { kind: 'pause', ms: WAIT_MS };
    return { kind: 'digits', digits: part.toUpperCase() };
  });
}
