import { hasParam } from '../message/params.js';
import { parseNameAddr } from '../message/name-addr.js';
import { parseSipUri } from '../message/uri.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import type { RequestDraft } from './application.js';
import type { Dialog } from './dialog.js';
import { contentTypeOf, draftHeader, passedHeaders } from './draft-headers.js';
import { replaceLocalhost, type LocalName } from './local-name.js';
import type { DraftDefect } from './request-outside.js';

/** Target refresh requests and those that form a subscription carry our Contact (RFC 3261 12.2.1.1, RFC 3311). */
const WITH_CONTACT: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER']);
const HANDLED: ReadonlySet<string> = new Set([
  'max-forwards',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'content-type',
]);

/**
 * A request inside a dialog, without its Via (RFC 3261 section 12.2.1.1). From, To, Call-ID, request-URI and
 * route belong to the dialog; what the application wrote there is dropped.
 */
export function buildInsideRequest(
  dialog: Dialog,
  draft: RequestDraft,
  fixed: { sequence: number; name: LocalName },
): SipRequest | DraftDefect {
  const { headers, body, method } = draft;
  const contentType = contentTypeOf(headers, body);
  if (body.length > 0 && contentType === undefined)
    return { sentence: 'Server error: missing content-type' };
  const { uri, routes } = routeOf(dialog);
  const rows: SipHeader[] = [
    { name: 'Max-Forwards', value: '70' },
    ...routes.map((value) => ({ name: 'Route', value })),
    { name: 'From', value: dialog.localAddress },
    { name: 'To', value: dialog.remoteAddress },
    { name: 'Call-ID', value: dialog.callId },
    { name: 'CSeq', value: `${fixed.sequence} ${method}` },
  ];
  const given = draftHeader(headers, 'contact');
  if (given !== undefined)
    rows.push({ name: 'Contact', value: replaceLocalhost('contact', given, fixed.name) });
  else if (WITH_CONTACT.has(method)) rows.push({ name: 'Contact', value: dialog.localContact });
  rows.push(...passedHeaders(headers, fixed.name, HANDLED));
  if (contentType !== undefined) rows.push({ name: 'Content-Type', value: contentType });
  return { kind: 'request', method, uri, headers: rows, body };
}

/** Loose and strict routing (RFC 3261 section 12.2.1.1). */
function routeOf(dialog: Dialog): { uri: string; routes: readonly string[] } {
  const [first, ...rest] = dialog.routeSet;
  const firstUri = first === undefined ? undefined : parseNameAddr(first)?.uri;
  if (firstUri === undefined) return { uri: dialog.remoteTarget, routes: [] };
  if (isLoose(firstUri)) return { uri: dialog.remoteTarget, routes: dialog.routeSet };
  return { uri: firstUri, routes: [...rest, `<${dialog.remoteTarget}>`] };
}

function isLoose(uri: string): boolean {
  const parsed = parseSipUri(uri);
  return parsed !== undefined && hasParam(parsed.params, 'lr');
}

/** The URI that decides the next hop of the dialog's requests (RFC 3261 sections 8.1.2 and 12.2.1.1). */
export function nextHopUri(dialog: Dialog): string {
  const first = dialog.routeSet[0];
  return (first === undefined ? undefined : parseNameAddr(first)?.uri) ?? dialog.remoteTarget;
}
