import { formatParams, getParam, isToken, parseParams, quote, type Params } from './params.js';
import { setParam, unquote } from './params.js';

/** From, To, Contact, Route, Record-Route, Refer-To ... (RFC 3261 section 20.10): one value. */
export interface NameAddr {
  /** Without quotes and escapes; absent when there is none. */
  displayName?: string;
  /** As spelled, without `<>`; any scheme. */
  uri: string;
  /** Header parameters, outside `<>`. */
  params: Params;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/** Parses one value (not a comma list, not `*`). Undefined when it is no address. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const open = openBracket(value);
  if (open === -1) return parseAddrSpec(value);
  const close = value.indexOf('>', open);
  if (close === -1) return undefined;
  const uri = value.slice(open + 1, close).trim();
  const params = parseParams(value.slice(close + 1));
  const displayName = parseDisplayName(value.slice(0, open).trim());
  if (!SCHEME.test(uri) || params === undefined || displayName === undefined) return undefined;
  return displayName === '' ? { uri, params } : { displayName, uri, params };
}

/** Without `<>` every parameter belongs to the header, not to the URI (RFC 3261 section 20). */
function parseAddrSpec(value: string): NameAddr | undefined {
  const text = value.trim();
  const semicolon = text.indexOf(';');
  const uri = (semicolon === -1 ? text : text.slice(0, semicolon)).trimEnd();
  const params = semicolon === -1 ? [] : parseParams(text.slice(semicolon));
  if (!SCHEME.test(uri) || /[<>",]/.test(uri) || params === undefined) return undefined;
  return { uri, params };
}

/** The first `<` outside a quoted display name. */
function openBracket(value: string): number {
  if (!value.trimStart().startsWith('"')) {
    const open = value.indexOf('<');
    const semicolon = value.indexOf(';');
    return semicolon !== -1 && semicolon < open ? -1 : open;
  }
  for (let index = value.indexOf('"') + 1; index < value.length; index++) {
    if (value[index] === '\\') index++;
    else if (value[index] === '"') return value.indexOf('<', index);
  }
  return -1;
}

function parseDisplayName(text: string): string | undefined {
  if (text.startsWith('"')) {
    const name = unquote(text);
    return name === text ? undefined : name;
  }
  // Strictly tokens (RFC 3261 section 25.1); phones in the field also send dots, slashes and UTF-8 unquoted.
  return /["\\<>,]/.test(text) ? undefined : text;
}

export function formatNameAddr(address: NameAddr): string {
  const params = formatParams(address.params);
  if (address.displayName === undefined) return `<${address.uri}>${params}`;
  const plain = address.displayName.split(' ').every(isToken);
  const display = plain ? address.displayName : quote(address.displayName);
  return `${display} <${address.uri}>${params}`;
}

/** The `tag` of From or To; undefined when there is none. */
export function getTag(address: NameAddr): string | undefined {
  const tag = getParam(address.params, 'tag');
  return tag === '' ? undefined : tag;
}

/** The `tag` of a From or To value as it stands in the header; undefined when unreadable or absent. */
export function tagOf(value: string | undefined): string | undefined {
  const address = value === undefined ? undefined : parseNameAddr(value);
  return address === undefined ? undefined : getTag(address);
}

/** The value with the tag set. Undefined when the value is no address. */
export function withTag(value: string, tag: string): string | undefined {
  const address = parseNameAddr(value);
  if (address === undefined) return undefined;
  if (getTag(address) === undefined && value.includes('>')) return `${value};tag=${tag}`;
  setParam(address.params, 'tag', tag);
  return formatNameAddr(address);
}
