import { getHeader, getHeaders } from '../message/headers.js';
import { tagOf, withTag } from '../message/name-addr.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import type { ResponseDraft } from './application.js';
import { contentTypeOf, draftHeader, passedHeaders } from './draft-headers.js';
import type { LocalName } from './local-name.js';

const HANDLED: ReadonlySet<string> = new Set([
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'timestamp',
  'content-type',
]);

export interface ResponseParts {
  /** Our tag for a To that has none; undefined for 100. */
  localTag: string | undefined;
  /** Written when the application gave none. */
  contact: string | undefined;
  name: LocalName;
  /** Of a reliable provisional response (RFC 3262). */
  rseq?: number;
}

/**
 * A response to `request` (RFC 3261 section 8.2.6). What identifies the transaction and the dialog is copied
 * from the request; what the application wrote there is dropped.
 */
export function buildResponse(
  request: SipRequest,
  draft: ResponseDraft,
  parts: ResponseParts,
): SipResponse {
  const { status, reason, headers, body } = draft;
  const rows = copiedHeaders(request, parts.localTag);
  // RFC 3261 section 12.1.1: responses that form a dialog carry its Record-Route.
  if (status > 100 && status < 300)
    for (const value of getHeaders(request, 'Record-Route'))
      rows.push({ name: 'Record-Route', value });
  const timestamp = getHeader(request, 'Timestamp');
  if (timestamp !== undefined) rows.push({ name: 'Timestamp', value: timestamp });
  if (draftHeader(headers, 'contact') !== undefined) {
    const contacts = headers.filter(({ name }) => /^(?:contact|m)$/i.test(name));
    rows.push(...passedHeaders(contacts, parts.name, new Set()));
  } else if (parts.contact !== undefined) rows.push({ name: 'Contact', value: parts.contact });
  if (parts.rseq !== undefined) rows.push({ name: 'RSeq', value: String(parts.rseq) });
  rows.push(...passedHeaders(headers, parts.name, HANDLED));
  const type = contentTypeOf(headers, body) ?? (body.length > 0 ? 'text/plain' : undefined);
  if (type !== undefined) rows.push({ name: 'Content-Type', value: type });
  return { kind: 'response', status, reason, headers: rows, body };
}

function copiedHeaders(request: SipRequest, localTag: string | undefined): SipHeader[] {
  const rows: SipHeader[] = getHeaders(request, 'Via').map((value) => ({ name: 'Via', value }));
  const to = getHeader(request, 'To') ?? '';
  const tagged =
    localTag === undefined || tagOf(to) !== undefined ? to : (withTag(to, localTag) ?? to);
  rows.push(
    { name: 'From', value: getHeader(request, 'From') ?? '' },
    { name: 'To', value: tagged },
    { name: 'Call-ID', value: getHeader(request, 'Call-ID') ?? '' },
    { name: 'CSeq', value: getHeader(request, 'CSeq') ?? '' },
  );
  return rows;
}
