import { formatHostPort, parseHostPort } from './host-port.js';
import { formatParams, type Params } from './params.js';

/** `sip:` and `sips:` (RFC 3261 section 19.1). */
export interface SipUri {
  scheme: 'sip' | 'sips';
  /** Unescaped. */
  user?: string;
  /** As spelled; only to pass on, never to log. */
  password?: string;
  /** As spelled; an IPv6 address keeps its brackets. */
  host: string;
  port?: number;
  /** As spelled; read with {@link uriParam}. */
  params: Params;
  /** The text after `?`, as spelled. */
  headers?: string;
}

/** `tel:` (RFC 3966). */
interface TelUri {
  scheme: 'tel';
  /** With its visual separators, as spelled. */
  number: string;
  params: Params;
}

export type Uri = SipUri | TelUri;

const ESCAPES_VALID = /^(?:[^%]|%[0-9A-Fa-f]{2})*$/;
const SCHEME = /^(sips?|tel):/i;
const PARAM = /^[^\s<>"=]+$/;
const TEL_NUMBER = /^(?:\+[0-9\-.()]+|[0-9A-Fa-f*#\-.()]+)$/;
const PLAIN_TEXT = /^[^\s<>"]*$/;

/** Undefined when the text is no SIP, SIPS or TEL URI. */
export function parseUri(text: string): Uri | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !PLAIN_TEXT.test(text) || !ESCAPES_VALID.test(text)) return undefined;
  const rest = text.slice(scheme.length + 1);
  return scheme === 'tel' ? parseTel(rest) : parseSip(scheme === 'sip' ? 'sip' : 'sips', rest);
}

/** Like {@link parseUri}, for callers that take only sip: and sips:. */
export function parseSipUri(text: string): SipUri | undefined {
  const uri = parseUri(text);
  return uri === undefined || uri.scheme === 'tel' ? undefined : uri;
}

function parseTel(rest: string): TelUri | undefined {
  const pieces = rest.split(';');
  const number = pieces[0] ?? '';
  const params = uriParams(pieces.slice(1));
  return params !== undefined && TEL_NUMBER.test(number) && /[0-9A-Fa-f*#]/.test(number)
    ? { scheme: 'tel', number, params }
    : undefined;
}

function parseSip(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  // A user part may hold `;` and `?` (RFC 3261 section 25.1), a host part may not hold `@`.
  const at = rest.indexOf('@');
  const userInfo = at === -1 ? undefined : parseUserInfo(rest.slice(0, at));
  if (at !== -1 && userInfo === undefined) return undefined;
  const afterUser = rest.slice(at + 1);
  const question = afterUser.indexOf('?');
  const pieces = (question === -1 ? afterUser : afterUser.slice(0, question)).split(';');
  const hostPort = parseHostPort(pieces[0] ?? '');
  const params = uriParams(pieces.slice(1));
  if (hostPort === undefined || params === undefined) return undefined;
  const uri: SipUri = { scheme, ...userInfo, ...hostPort, params };
  if (question !== -1) uri.headers = afterUser.slice(question + 1);
  return uri;
}

/**
 * Why a sip: or sips: URI cannot stand in a request line; undefined when it can. Other schemes are left to
 * the applications (RFC 4475 sections 3.3.2 and 3.3.3), and so is a user part, whose escapes may be no UTF-8.
 */
export function requestUriDefect(text: string): string | undefined {
  const scheme = /^sips?:/i.exec(text);
  if (scheme === null) return undefined;
  const at = text.indexOf('@');
  const rest = text.slice(at === -1 ? scheme[0].length : at + 1);
  // RFC 3261 section 19.1.1: a request-URI has no headers; an application must not mistake them for the message's.
  if (rest.includes('?')) return 'The request URI holds headers.';
  const semicolon = rest.indexOf(';');
  const hostPort = parseHostPort(semicolon === -1 ? rest : rest.slice(0, semicolon));
  return hostPort === undefined ? 'The request URI names no host.' : undefined;
}

function parseUserInfo(text: string): { user: string; password?: string } | undefined {
  const colon = text.indexOf(':');
  const user = unescapeText(colon === -1 ? text : text.slice(0, colon));
  if (user === undefined || user === '') return undefined;
  return colon === -1 ? { user } : { user, password: text.slice(colon + 1) };
}

function uriParams(pieces: readonly string[]): Params | undefined {
  const params: Params = [];
  for (const piece of pieces) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = equals === -1 ? piece : piece.slice(0, equals);
    if (!PARAM.test(name)) return undefined;
    params.push(equals === -1 ? { name } : { name, value: piece.slice(equals + 1) });
  }
  return params;
}

/** A URI parameter, unescaped; the empty string for a flag; undefined when absent. */
export function uriParam(uri: Uri, name: string): string | undefined {
  const wanted = name.toLowerCase();
  // Names may be escaped, too (RFC 4475 section 3.1.1.3).
  const param = uri.params.find((one) => unescapeText(one.name)?.toLowerCase() === wanted);
  return param === undefined ? undefined : unescapeText(param.value ?? '');
}

export function formatUri(uri: Uri): string {
  if (uri.scheme === 'tel') return `tel:${uri.number}${formatParams(uri.params)}`;
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined) {
    text += escapeUser(uri.user);
    if (uri.password !== undefined) text += `:${uri.password}`;
    text += '@';
  }
  text += formatHostPort(uri) + formatParams(uri.params);
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

/** `%41` becomes `A`; undefined when the escaped bytes are not UTF-8. */
function unescapeText(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Escapes all but `unreserved` and `user-unreserved` (RFC 3261 section 25.1). */
function escapeUser(user: string): string {
  // Through a Buffer because encodeURIComponent throws on a lone surrogate.
  return encodeURIComponent(Buffer.from(user, 'utf8').toString('utf8')).replace(
    /%(?:26|3D|2B|24|2C|3B|3F|2F)/g,
    (code) => String.fromCharCode(parseInt(code.slice(1), 16)),
  );
}
