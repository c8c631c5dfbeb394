import { expect } from 'vitest';
import { getHeader, getList } from '../../../gateway/sip-server/message/headers.js';
import { parseNameAddr } from '../../../gateway/sip-server/message/name-addr.js';
import { parseSipUri } from '../../../gateway/sip-server/message/uri.js';
import type { TortureCase } from './torture-case.js';

function refused(name: string, section: string, why: RegExp): TortureCase {
  return { name, section, outcome: { by: 'parser', answer: 400, why } };
}

function dropped(name: string, section: string, why: RegExp): TortureCase {
  return { name, section, outcome: { by: 'parser', answer: 'silence', why } };
}

/** Section 3.1.2. */
export const RFC4475_INVALID: readonly TortureCase[] = [
  refused('badinv01', '3.1.2.1', /Via has a separator too many/),
  refused('clerr', '3.1.2.2', /Content-Length 9999 exceeds/),
  refused('ncl', '3.1.2.3', /Content-Length is not a number/),
  refused('scalar02', '3.1.2.4', /CSeq is not a number/),
  dropped('scalarlg', '3.1.2.5', /CSeq is not a number/),
  refused('quotbal', '3.1.2.6', /To is not an address/),
  refused('ltgtruri', '3.1.2.7', /request URI is not a URI/),
  refused('lwsruri', '3.1.2.8', /one space between/),
  refused('lwsstart', '3.1.2.9', /one space between/),
  refused('trws', '3.1.2.10', /one space between/),
  refused('escruri', '3.1.2.11', /request URI holds headers/),
  // The date is of no importance to the server, so that the RFC wants it let through.
  { name: 'baddate', section: '3.1.2.12', outcome: { by: 'application', answer: 486 } },
  {
    // Contact belongs to the registrar; the server reads it as the RFC's liberal element does.
    name: 'regbadct',
    section: '3.1.2.13',
    outcome: { by: 'application', answer: 400 },
    check: (message) => {
      const contact = parseNameAddr(getList(message, 'Contact')[0] ?? '');
      expect(parseSipUri(contact?.uri ?? '')).toMatchObject({
        host: 'example.com',
        headers: 'Route=%3Csip:sip.example.com%3E',
      });
    },
  },
  {
    // Liberal: the spaces are ignored.
    name: 'badaspec',
    section: '3.1.2.14',
    outcome: { by: 'application', answer: 200 },
    check: (message) => {
      expect(parseNameAddr(getHeader(message, 'To') ?? '')).toEqual({
        displayName: 'Watson, Thomas',
        uri: 'sip:t.watson@example.org',
        params: [],
      });
    },
  },
  // The archive ends it before the empty line, which is a defect of its own.
  refused('baddn', '3.1.2.15', /No empty line/),
  {
    name: 'badvers',
    section: '3.1.2.16',
    outcome: { by: 'parser', answer: 505, why: /version 7.0/ },
  },
  refused('mismatch01', '3.1.2.17', /CSeq method INVITE differs/),
  // "A 400 Bad Request is also acceptable": the parser knows no methods.
  refused('mismatch02', '3.1.2.18', /CSeq method INVITE differs/),
  dropped('bigcode', '3.1.2.19', /status line/),
  // In the archive only, without a section: no version, no Via, no CSeq.
  dropped('test', 'A.1', /SIP\/2.0/),
];
