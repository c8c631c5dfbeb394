import type { Clock } from '../../kernel/clock.js';
import { newToken, newUuid } from '../../kernel/ids.js';
import { formatNameAddr, parseNameAddr, withTag, getTag } from '../message/name-addr.js';
import type { SipHeader, SipRequest } from '../message/sip-message.js';
import type { RequestDraft } from './application.js';
import { contentTypeOf, draftHeader, passedHeaders } from './draft-headers.js';
import { contactOf, hostPortOf, replaceLocalhost, type LocalName } from './local-name.js';

/** Methods whose requests carry a Contact of ours: they form dialogs (RFC 3261 8.1.1.8, RFC 6665, RFC 3515). */
const WITH_CONTACT: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);
const HANDLED: ReadonlySet<string> = new Set([
  'max-forwards',
  'from',
  'to',
  'call-id',
  'cseq',
  'content-type',
]);

/** Why a draft cannot be sent. */
export interface DraftDefect {
  sentence: string;
}

/**
 * A request outside any dialog, without its Via: the application's draft with everything filled in that it
 * left out (RFC 3261 section 8.1.1). Call-ID, From tag and CSeq are kept when given: a request that repeats a
 * challenged one with credentials depends on it.
 */
export function buildOutsideRequest(
  draft: RequestDraft,
  name: LocalName,
  clock: Clock,
): SipRequest | DraftDefect {
  const { headers, body, method, uri } = draft;
  const contentType = contentTypeOf(headers, body);
  if (body.length > 0 && contentType === undefined) return { sentence: 'missing content-type' };
  const from = fromHeader(draftHeader(headers, 'from'), name);
  const to = toHeader(draftHeader(headers, 'to'), name, uri);
  if (from === undefined || to === undefined)
    return { sentence: `The ${from === undefined ? 'From' : 'To'} header is not an address.` };
  const rows: SipHeader[] = [
    { name: 'Max-Forwards', value: maxForwards(draftHeader(headers, 'max-forwards')) },
    { name: 'From', value: from },
    { name: 'To', value: to },
    { name: 'Call-ID', value: draftHeader(headers, 'call-id') ?? newUuid() },
    { name: 'CSeq', value: `${sequenceOf(draftHeader(headers, 'cseq'), clock)} ${method}` },
  ];
  if (WITH_CONTACT.has(method) && draftHeader(headers, 'contact') === undefined)
    rows.push({ name: 'Contact', value: contactOf(name, uri) });
  rows.push(...passedHeaders(headers, name, HANDLED));
  if (contentType !== undefined) rows.push({ name: 'Content-Type', value: contentType });
  return { kind: 'request', method, uri, headers: rows, body };
}

function fromHeader(given: string | undefined, name: LocalName): string | undefined {
  if (given === undefined)
    return `<sip:${hostPortOf(name)}${name.transportParam}>;tag=${newToken()}`;
  const value = replaceLocalhost('from', given, name);
  const address = parseNameAddr(value);
  if (address === undefined) return undefined;
  return getTag(address) === undefined ? withTag(value, newToken()) : value;
}

function toHeader(given: string | undefined, name: LocalName, uri: string): string | undefined {
  if (given === undefined) return `<${uri}>`;
  const value = replaceLocalhost('to', given, name);
  const address = parseNameAddr(value);
  return address === undefined ? undefined : value.includes('<') ? value : formatNameAddr(address);
}

function maxForwards(given: string | undefined): string {
  return given !== undefined && /^\d{1,3}$/.test(given) && Number(given) <= 255 ? given : '70';
}

function sequenceOf(given: string | undefined, clock: Clock): number {
  const number = /^(\d{1,10})\b/.exec(given ?? '')?.[1];
  if (number !== undefined && Number(number) < 2 ** 31) return Number(number);
  // RFC 3261 section 8.1.1.5: below 2^31, and growing with time, for peers that compare calls of one Call-ID.
  return Math.floor(clock.now() / 2000) & 0x7ffffff;
}
