import { parseCSeq } from '../message/cseq.js';
import { getHeader, getList } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipMessage, SipRequest } from '../message/sip-message.js';
import { BRANCH_COOKIE, parseVia, topVia, viaBranch } from '../message/via.js';

/**
 * The key of the server transaction that a request belongs to (RFC 3261 section 17.2.3): branch,
 * sent-by and method; an ACK has that of its INVITE. `method` overrides, for the INVITE of a CANCEL.
 */
export function serverKey(request: SipRequest, method = request.method): string {
  const via = topVia(request);
  const of = method === 'ACK' ? 'INVITE' : method;
  const branch = via === undefined ? '' : viaBranch(via);
  // The bare cookie is as good as none (RFC 4475 section 3.2.1).
  if (via === undefined || !branch.startsWith(BRANCH_COOKIE) || branch === BRANCH_COOKIE)
    return legacyKey(request, of);
  return `${branch}|${via.host.toLowerCase()}:${via.port ?? 5060}|${of}`;
}

/**
 * RFC 2543 peers make no unique branch. Request-URI and To are left out of what section 17.2.3 compares,
 * so that the ACK of a refused INVITE, whose To has our tag, has the same key.
 */
function legacyKey(request: SipRequest, method: string): string {
  const number = parseCSeq(getHeader(request, 'cseq') ?? '')?.number ?? 0;
  const from = tagOf(getHeader(request, 'from')) ?? '';
  const via = getList(request, 'via')[0] ?? '';
  return `${getHeader(request, 'call-id') ?? ''}|${from}|${number}|${via}|${method}`;
}

/** The key of the client transaction that a response belongs to (RFC 3261 section 17.1.3). */
export function clientKey(message: SipMessage): string {
  const via = topVia(message);
  const method = parseCSeq(getHeader(message, 'cseq') ?? '')?.method ?? '';
  return `${via === undefined ? '' : viaBranch(via)}|${method}`;
}

/**
 * Did this copy of `first` go through us already? A proxy on its way sent it back with another target (RFC 3261
 * section 16.3 calls that a spiral), so that it is no merged copy.
 */
export function isSpiral(copy: SipRequest, first: SipRequest): boolean {
  const via = topVia(first);
  const [, ...below] = getList(copy, 'via').map(parseVia);
  return (
    via !== undefined && below.some((one) => one !== undefined && viaBranch(one) === viaBranch(via))
  );
}

/**
 * The same for all copies of one request that reached us over different paths (RFC 3261 section 8.2.2.2).
 * Undefined for a request inside a dialog, which cannot be merged.
 */
export function mergeKey(request: SipRequest): string | undefined {
  if (tagOf(getHeader(request, 'to')) !== undefined) return undefined;
  const from = tagOf(getHeader(request, 'from')) ?? '';
  return `${getHeader(request, 'call-id') ?? ''}|${from}|${getHeader(request, 'cseq') ?? ''}`;
}
