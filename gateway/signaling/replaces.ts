import type { DialogId } from './incoming-refer.js';
import { parseSipUri, parseNameAddress, splitOutsideQuotes } from './sip-text.js';

/** The value of a Replaces header (RFC 3891 section 6.1); undefined when it cannot be read. */
export function parseReplaces(value: string): DialogId | undefined {
  const [callId = '', ...params] = splitOutsideQuotes(value, ';');
  const tag = (name: string): string | undefined =>
    params.find((param) => param.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const toTag = tag('to-tag');
  const fromTag = tag('from-tag');
  if (callId === '' || toTag === undefined || fromTag === undefined) return undefined;
  return { callId, toTag, fromTag };
}

export interface ReferTarget {
  user: string;
  host: string;
  replaces: DialogId | undefined;
}

/**
 * The value of a Refer-To header (RFC 3515 section 2.1) whose URI can be called; undefined when it is none, or asks for another
 * request than an INVITE. Only Replaces is taken of the headers that the URI carries.
 */
export function parseReferTo(value: string): ReferTarget | undefined {
  const address = parseNameAddress(value)?.uri;
  const uri = address === undefined ? undefined : parseSipUri(address);
  if (address === undefined || uri === undefined) return undefined;
  const method = /;method=([^;?]*)/i.exec(address)?.[1] ?? 'INVITE';
  if (method.toUpperCase() !== 'INVITE') return undefined;
  const carried = /[?&]replaces=([^&]*)/i.exec(address)?.[1];
  const target = { user: uri.user, host: uri.host };
  if (carried === undefined) return { ...target, replaces: undefined };
  const replaces = parseReplaces(unescape(carried));
  return replaces === undefined ? undefined : { ...target, replaces };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
