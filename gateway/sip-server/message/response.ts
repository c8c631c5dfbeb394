import { canonicalName, getHeader } from './headers.js';
import { tagOf, withTag } from './name-addr.js';
import { reasonPhrase } from './reason-phrases.js';
import type { SipHeader, SipRequest, SipResponse } from './sip-message.js';

export interface ResponseOptions {
  status: number;
  /** The standard phrase when absent. */
  reason?: string;
  /** Added to To when the request's To has none; 100 goes out without one. */
  toTag?: string;
  /** Appended after the copied headers. */
  headers?: readonly SipHeader[];
}

const COPIED: ReadonlySet<string> = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

/**
 * A response with the headers that RFC 3261 section 8.2.6 copies from the request, in the request's
 * order and spelling, and without a body.
 */
export function createResponse(request: SipRequest, options: ResponseOptions): SipResponse {
  const headers: SipHeader[] = [];
  for (const header of request.headers) {
    const name = canonicalName(header.name);
    if (name === 'to') headers.push(taggedTo(header, options.toTag));
    else if (COPIED.has(name)) headers.push(header);
  }
  // RFC 3261 section 8.2.6.1: only the 100 echoes the Timestamp.
  const timestamp = options.status === 100 ? getHeader(request, 'timestamp') : undefined;
  if (timestamp !== undefined) headers.push({ name: 'Timestamp', value: timestamp });
  if (options.headers !== undefined) headers.push(...options.headers);
  return {
    kind: 'response',
    status: options.status,
    reason: options.reason ?? reasonPhrase(options.status),
    headers,
    body: Buffer.alloc(0),
  };
}

function taggedTo(header: SipHeader, tag: string | undefined): SipHeader {
  if (tag === undefined || tagOf(header.value) !== undefined) return header;
  return { name: header.name, value: withTag(header.value, tag) ?? header.value };
}
