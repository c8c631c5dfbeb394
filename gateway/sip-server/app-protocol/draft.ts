import type { RequestDraft, ResponseDraft } from '../dialog/application.js';
import type { SipHeader } from '../message/sip-message.js';
import { isToken } from '../message/params.js';

export type Draft =
  { kind: 'request'; draft: RequestDraft } | { kind: 'response'; draft: ResponseDraft };

const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/is;
const REQUEST_LINE = /^(\S+) (\S+)(?: SIP\/2\.0)?$/i;
/** These must not reach the wire. */
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * Reads the SIP text of an application's frame. It is a draft, not a message: headers may lack, and everything
 * after the empty line is the body whatever Content-Length says (clients are known to count characters).
 * Lines that are no header are skipped. Undefined when the first line is neither request nor status line.
 */
export function parseDraft(text: Buffer): Draft | undefined {
  const split = text.indexOf('\r\n\r\n');
  const head = text.toString('utf8', 0, split === -1 ? text.length : split);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.flatMap(parseLine);
  const body = split === -1 ? Buffer.alloc(0) : text.subarray(split + 4);
  const status = STATUS_LINE.exec(first);
  if (status !== null) {
    const reason = (status[2] ?? '').replace(CONTROLS, ' ');
    return { kind: 'response', draft: { status: Number(status[1]), reason, headers, body } };
  }
  const request = REQUEST_LINE.exec(first);
  const method = request?.[1];
  if (method === undefined || !isToken(method)) return undefined;
  return { kind: 'request', draft: { method, uri: request?.[2] ?? '', headers, body } };
}

function parseLine(line: string): SipHeader[] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trimEnd();
  const value = line.slice(colon + 1).trim();
  return isToken(name) && !CONTROL.test(value) ? [{ name, value }] : [];
}
