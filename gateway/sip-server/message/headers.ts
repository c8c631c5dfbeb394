import type { SipHeader } from './sip-message.js';

/** Anything with SIP headers: a message, or the header part of an application's request. */
export interface HeaderHolder {
  headers: SipHeader[];
}

/** RFC 3261 section 7.3.3 and the compact forms that later RFCs registered with IANA. */
const COMPACT: Readonly<Record<string, string>> = {
  'accept-contact': 'a',
  'allow-events': 'u',
  'call-id': 'i',
  contact: 'm',
  'content-encoding': 'e',
  'content-length': 'l',
  'content-type': 'c',
  event: 'o',
  from: 'f',
  identity: 'y',
  'refer-to': 'r',
  'referred-by': 'b',
  'reject-contact': 'j',
  'request-disposition': 'd',
  'session-expires': 'x',
  subject: 's',
  supported: 'k',
  to: 't',
  via: 'v',
};

const LONG: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(COMPACT).map(([long, compact]) => [compact, long]),
);

/** Lower case, long form: `I`, `i`, `Call-ID` all give `call-id`. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.length === 1 ? (LONG[lower] ?? lower) : lower;
}

function matches(name: string, canonical: string): boolean {
  if (name.length === canonical.length) return name.toLowerCase() === canonical;
  return name.length === 1 && LONG[name.toLowerCase()] === canonical;
}

/** The value of the first row of that name; compact and long names are equal, case is ignored. */
export function getHeader(holder: HeaderHolder, name: string): string | undefined {
  const canonical = canonicalName(name);
  for (const header of holder.headers) if (matches(header.name, canonical)) return header.value;
  return undefined;
}

/** The values of all rows of that name, in order; a comma list stays one value (see {@link getList}). */
export function getHeaders(holder: HeaderHolder, name: string): string[] {
  const canonical = canonicalName(name);
  const values: string[] = [];
  for (const header of holder.headers)
    if (matches(header.name, canonical)) values.push(header.value);
  return values;
}

/** All values of a header that takes a comma list (Via, Route, Contact, Allow), rows joined in order. */
export function getList(holder: HeaderHolder, name: string): string[] {
  return getHeaders(holder, name).flatMap(splitList);
}

export function hasHeader(holder: HeaderHolder, name: string): boolean {
  return getHeader(holder, name) !== undefined;
}

/** Replaces the first row of that name (its spelling stays), removes the others; appends when there is none. */
export function setHeader(holder: HeaderHolder, name: string, value: string): void {
  const canonical = canonicalName(name);
  const index = holder.headers.findIndex((header) => matches(header.name, canonical));
  if (index === -1) {
    holder.headers.push({ name, value });
    return;
  }
  const spelled = holder.headers[index]?.name ?? name;
  holder.headers[index] = { name: spelled, value };
  holder.headers = holder.headers.filter(
    (header, at) => at <= index || !matches(header.name, canonical),
  );
}

/** Appends a row. */
export function addHeader(holder: HeaderHolder, name: string, value: string): void {
  holder.headers.push({ name, value });
}

/** Puts a row before all others of the message: our Via, our Record-Route. */
export function addHeaderFirst(holder: HeaderHolder, name: string, value: string): void {
  holder.headers.unshift({ name, value });
}

export function removeHeaders(holder: HeaderHolder, name: string): void {
  const canonical = canonicalName(name);
  holder.headers = holder.headers.filter((header) => !matches(header.name, canonical));
}

/**
 * Splits a comma list; commas inside quoted strings and inside `<...>` do not count. Values come back
 * trimmed, empty ones are dropped. Not for Authorization and the like, whose commas separate parameters.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value.trim()];
  const values: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  const take = (end: number): void => {
    const item = value.slice(start, end).trim();
    if (item !== '') values.push(item);
    start = end + 1;
  };
  for (let index = 0; index < value.length; index++) {
    const char = value[index];
    if (quoted) {
      if (char === '\\') index++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = !bracketed;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) take(index);
  }
  take(value.length);
  return values;
}
