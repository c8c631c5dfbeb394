import { getList } from '../message/headers.js';
import { parseNameAddr } from '../message/name-addr.js';
import { getParam } from '../message/params.js';
import type { SipResponse } from '../message/sip-message.js';
import { parseSipUri } from '../message/uri.js';

/** The contacts of a 3xx that a SIP proxy can try, the most wanted first (RFC 3261 sections 8.1.3.4 and 16.5). */
export function redirectTargets(response: SipResponse): string[] {
  return getList(response, 'Contact')
    .flatMap((value) => {
      const contact = parseNameAddr(value);
      if (contact === undefined || parseSipUri(contact.uri) === undefined) return [];
      return [{ uri: contact.uri, q: quality(getParam(contact.params, 'q')) }];
    })
    .sort((a, b) => b.q - a.q)
    .map(({ uri }) => uri);
}

function quality(value: string | undefined): number {
  const q = Number(value ?? 1);
  return q >= 0 && q <= 1 ? q : 1;
}
