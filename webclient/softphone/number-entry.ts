/** What the number field takes: longer than any number, dial string or name that makes sense. */
export const LONGEST_ENTRY = 64;

/** Byte order mark, soft hyphen and marks of direction, which are copied along with numbers. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** A pause ends the number; what follows is dialled after the answer, and holds digits and pauses only. */
const NUMBER = /^[\s(]*(?:\+[\s(]*)?(?:[\d*#](?:[\d\s()./*#+A-D-]*[\d\s()./*#A-D-])?)?$/i;
const DIALLED_ON = /^[\d\s*#A-D,PW-]*$/i;
const PAUSE = /[,pw]/i;

/**
 * What stays in the field of what was typed or pasted. A number is reduced to what can be dialled: `+1 (202) 555-0143` becomes
 * `+12025550143`, `tel:+49-30-123` becomes `+4930123`; a plus counts only at the front, and a `(0)` after a country code is the national
 * prefix and is dropped. Pauses (`,` and `w`) and the digits behind them stay. A name, or the user name of a SIP address, stays as it is.
 */
export function cleanEntry(text: string): string {
  const plain = withoutScheme(
    text
      .normalize('NFKC')
      .replace(INVISIBLE, '')
      .replace(/[‐-―−]/g, '-'),
  );
  const { number, rest } = splitAtPause(plain);
  const entry = isNumberLike(number, rest)
    ? cleanNumber(number) + cleanRest(rest)
    : cleanName(plain);
  return Array.from(entry).slice(0, LONGEST_ENTRY).join('');
}

/** True for what cleanEntry() made of a number, false for a name; an empty entry is a number that is not there yet. */
export function isNumber(entry: string): boolean {
  return /^\+?[\d*#A-D]*(?:[,pw].*)?$/i.test(entry) && (entry === '' || /^[+\d*#]/.test(entry));
}

/** True when the entry can be called: a number with a digit, or a user name of a SIP address (RFC 3261 section 25.1). */
export function isDialable(entry: string): boolean {
  if (isNumber(entry)) return /[\d*#]/.test(entry);
  return /^[\w.!~*'()&=+$,;?/-]+$/.test(entry);
}

/** Of `"Bob" <sip:bob@example>`, `sip:bob@example`, `tel:+49-30-123;ext=1` and `bob@example`: who. */
function withoutScheme(text: string): string {
  const address = /<\s*((?:tel|callto|sips?):[^>]+)>/i.exec(text)?.[1] ?? text;
  const scheme = /^\s*(?:tel|callto|sips?):(?:\/\/)?/i.exec(address)?.[0];
  if (scheme === undefined)
    return /^\s*[^\s@]+@[^\s@]+\s*$/.test(text) ? (text.split('@')[0] ?? '') : text;
  return unescape(address.slice(scheme.length).split(/[@;?]/)[0] ?? '');
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitAtPause(text: string): { number: string; rest: string } {
  const at = text.search(PAUSE);
  return at < 1 ? { number: text, rest: '' } : { number: text.slice(0, at), rest: text.slice(at) };
}

function isNumberLike(number: string, rest: string): boolean {
  return NUMBER.test(number) && DIALLED_ON.test(rest) && (rest === '' || /\d|[*#]/.test(number));
}

function cleanNumber(text: string): string {
  const national = text.trim().startsWith('+') ? text.replace(/\(\s*0\s*\)/, '') : text;
  const digits = national.toUpperCase().replace(/[^0-9*#A-D]/g, '');
  return /^[\s(]*\+/.test(national) ? `+${digits}` : digits;
}

function cleanRest(text: string): string {
  return text.replace(/[a-d]/g, (letter) => letter.toUpperCase()).replace(/[^0-9*#A-D,pw]/gi, '');
}

/** While a name is typed it may end with a space. */
function cleanName(text: string): string {
  return text.trimStart().replace(/\s+/g, ' ');
}
