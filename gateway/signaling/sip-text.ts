import type { Party } from './sip-endpoint.js';

/** Reading and writing the few SIP header forms that signalling needs itself (RFC 3261 section 25.1). */

export interface SipUri {
  scheme: string;
  /** Unescaped; empty when the URI has none. */
  user: string;
  /** Host and port as written, without parameters. */
  hostPort: string;
  host: string;
}

export interface NameAddress {
  displayName: string | undefined;
  /** As written, without the angle brackets. */
  uri: string;
  /** Header parameters, names in lower case; a flag has the value ''. */
  params: ReadonlyMap<string, string>;
}

/** Splits at `separator`, but not inside quotes or angle brackets. */
export function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let quoted = false;
  let bracketed = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted && char === '\\') at++;
    else if (char === '"' && !bracketed) quoted = !quoted;
    else if (quoted) continue;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === separator && !bracketed) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}

/** Removes the quotes of a quoted-string and its escapes; other text comes back as it is. */
export function unquote(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length < 2 || !trimmed.startsWith('"') || !trimmed.endsWith('"')) return trimmed;
  return trimmed.slice(1, -1).replace(/\\(.)/g, '$1');
}

/** A quoted-string that is safe in any header: no control characters, quotes and backslashes escaped. */
export function quote(text: string): string {
  return `"${printable(text).replace(/["\\]/g, '\\$&')}"`;
}

/** Line breaks and other control characters become spaces, so that no text can start a header of its own. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

function parseParams(parts: readonly string[]): Map<string, string> {
  const params = new Map<string, string>();
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    params.set(name, equals < 0 ? '' : unquote(part.slice(equals + 1)));
  }
  return params;
}

/** Reads `"Name" <uri>;params` or `uri;params` (From, To, Contact). Undefined when it is neither. */
export function parseNameAddress(text: string): NameAddress | undefined {
  const [head = '', ...rest] = splitOutsideQuotes(text, ';');
  const open = head.lastIndexOf('<');
  if (open < 0) {
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(head)) return undefined;
    return { displayName: undefined, uri: head, params: parseParams(rest) };
  }
  if (!head.endsWith('>')) return undefined;
  const name = unquote(head.slice(0, open));
  return {
    displayName: name === '' ? undefined : printable(name),
    uri: head.slice(open + 1, -1).trim(),
    params: parseParams(rest),
  };
}

/** Reads a sip:, sips: or tel: URI; undefined for other schemes and for unreadable text. */
export function parseSipUri(uri: string): SipUri | undefined {
  const tel = /^tel:([^;?\s]+)/i.exec(uri);
  if (tel?.[1] !== undefined) return { scheme: 'tel', user: tel[1], hostPort: '', host: '' };
  const match = /^(sips?):(?:([^@\s]*)@)?(\[[0-9a-f:.]+\]|[^:;?@\s]+)(:\d+)?(?:[;?]\S*)?$/i.exec(
    uri,
  );
  if (match === null) return undefined;
  const [, scheme = '', userInfo = '', host = '', port = ''] = match;
  // RFC 3261 section 19.1.1: the user part may carry a password and, for numbers, parameters.
  const user = userInfo.split(/[:;]/)[0] ?? '';
  return { scheme: scheme.toLowerCase(), user: unescape(user), hostPort: host + port, host };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The party in a From, To or Contact header; undefined when the header cannot be read. */
export function parseParty(header: string | undefined): Party | undefined {
  const address = header === undefined ? undefined : parseNameAddress(header);
  const uri = address === undefined ? undefined : parseSipUri(address.uri);
  if (address === undefined || uri === undefined) return undefined;
  return { user: uri.user, host: uri.host, displayName: address.displayName };
}

/** RFC 3326: `SIP;cause=486;text="..."`. */
export function formatReason(sipStatus: number, sentence: string): string {
  return `SIP;cause=${sipStatus};text=${quote(sentence)}`;
}

/** The plain text of a Reason header: its text, or its protocol and cause. */
export function describeReason(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [first = ''] = splitOutsideQuotes(header, ',');
  const [protocol = '', ...rest] = splitOutsideQuotes(first, ';');
  const params = parseParams(rest);
  const text = params.get('text');
  if (text !== undefined && text !== '') return printable(text).slice(0, 200);
  const cause = params.get('cause');
  return cause === undefined ? undefined : printable(`${protocol} cause ${cause}`).slice(0, 80);
}

/** The user part of a URI with everything but RFC 3261 `unreserved` and `user-unreserved` escaped. */
export function escapeUser(user: string): string {
  return encodeURIComponent(user).replace(/%(2B|26|3D|24|2C|3B|3F|2F)/gi, (text) =>
    decodeURIComponent(text),
  );
}

/** The To tag of a response, which tells the forks of an INVITE apart; empty without one. */
export function toTagOf(response: { get(name: string): string | undefined }): string {
  return /;\s*tag=([^;>\s]+)/i.exec(response.get('To') ?? '')?.[1] ?? '';
}
