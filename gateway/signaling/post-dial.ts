/** A number, then digits and pauses that are meant for whoever answers: `+4930123,,1234#`. */
const NUMBER_AND_DIGITS = /^(\+?[0-9*#().\- ]*[0-9*#])([,pw][0-9A-Da-d*#,pw]*)$/;

/**
 * Parts what was dialled into the number and what follows after the answer; the second is a secret. `postd` is the parameter of
 * RFC 2806 section 2.2, which clients still write into SIP URIs.
 */
export function splitPostDial(
  dialled: string,
  postd: string | undefined,
): { user: string; postDial: string | undefined } {
  const match = NUMBER_AND_DIGITS.exec(dialled);
  if (match === null) return { user: dialled, postDial: postd };
  return { user: match[1] ?? '', postDial: postd ?? match[2] };
}

/** The value of `postd` in a URI, unescaped; undefined without one. */
export function postdOf(uri: string): string | undefined {
  const value = /;postd=([^;@?>\s]*)/i.exec(uri)?.[1];
  if (value === undefined) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
