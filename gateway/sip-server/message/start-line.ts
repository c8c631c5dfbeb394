import { isToken } from './params.js';
import type { SipMessage } from './sip-message.js';
import { requestUriDefect } from './uri.js';

export interface StartLineResult {
  /** Without headers and body. Present even when `why` is, if it is clear what was meant. */
  message?: SipMessage;
  /** The defect, one sentence. */
  why?: string;
  /** The defect is another version than SIP/2.0. */
  versionRefused?: boolean;
}

// `.` would stop at U+2028, which is a character like any other in a reason phrase.
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?$/i;
const REQUEST_LINE = /^([^\s]+) ([^\s]+) SIP\/2\.0$/i;
const VERSION = /^\S+\s.*\sSIP\/(\d+\.\d+)\s*$/i;

/** RFC 3261 sections 7.1 and 7.2. */
export function parseStartLine(line: string): StartLineResult {
  if (/^SIP\//i.test(line)) return parseStatusLine(line);
  const match = REQUEST_LINE.exec(line);
  const method = match?.[1] ?? /^\S+(?=\s)/.exec(line)?.[0];
  if (method === undefined || !isToken(method))
    return { why: 'The first line is neither a request line nor a status line.' };
  const uri = match?.[2] ?? '';
  const message: SipMessage = {
    kind: 'request',
    method,
    uri,
    headers: [],
    body: Buffer.alloc(0),
  };
  if (match === null) return { message, ...requestLineDefect(line) };
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[^<>"]+$/.test(uri))
    return { message, why: 'The request URI is not a URI.' };
  const why = requestUriDefect(uri);
  return why === undefined ? { message } : { message, why };
}

function requestLineDefect(line: string): { why: string; versionRefused?: boolean } {
  const version = VERSION.exec(line)?.[1];
  return version === undefined || version === '2.0'
    ? { why: 'The request line is not method, URI and SIP/2.0 with one space between.' }
    : { why: `The SIP version ${version} is not supported.`, versionRefused: true };
}

function parseStatusLine(line: string): StartLineResult {
  const match = STATUS_LINE.exec(line);
  if (match === null)
    return { why: 'The status line is not SIP/2.0, a code of three digits and a reason.' };
  return {
    message: {
      kind: 'response',
      status: Number(match[1]),
      reason: match[2] ?? '',
      headers: [],
      body: Buffer.alloc(0),
    },
  };
}
