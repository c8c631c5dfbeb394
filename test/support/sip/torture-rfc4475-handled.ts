import { expect } from 'vitest';
import { getHeader, getList } from '../../../gateway/sip-server/message/headers.js';
import { getTag, parseNameAddr } from '../../../gateway/sip-server/message/name-addr.js';
import { hasParam } from '../../../gateway/sip-server/message/params.js';
import type { SipMessage } from '../../../gateway/sip-server/message/sip-message.js';
import { parseSipUri } from '../../../gateway/sip-server/message/uri.js';
import { topVia, viaBranch } from '../../../gateway/sip-server/message/via.js';
import { asRequest, type TortureCase } from './torture-case.js';

type Check = NonNullable<TortureCase['check']>;

/** @param name the RFC's name and section */
function app([name, section]: [string, string], answer: number, check: Check): TortureCase {
  return { name, section, outcome: { by: 'application', answer }, check };
}

const refused = (name: string, section: string, why: RegExp): TortureCase => ({
  name,
  section,
  outcome: { by: 'parser', answer: 400, why },
});

const uriIs =
  (uri: string): Check =>
  (message) => {
    expect(asRequest(message).uri).toBe(uri);
  };

const headerIs =
  (name: string, value: string): Check =>
  (message) => {
    expect(getHeader(message, name)).toBe(value);
  };

/** Does `unknownparam` belong to the header, or to the URI? */
const paramBelongsTo =
  (owner: 'header' | 'uri'): Check =>
  (message) => {
    const contact = parseNameAddr(getList(message, 'Contact')[0] ?? '');
    const uri = parseSipUri(contact?.uri ?? '');
    expect(hasParam(contact?.params ?? [], 'unknownparam')).toBe(owner === 'header');
    expect(hasParam(uri?.params ?? [], 'unknownparam')).toBe(owner === 'uri');
  };

function checkInv2543(message: SipMessage): void {
  expect(viaBranch(topVia(message)!)).toBe('');
  expect(getTag(parseNameAddr(getHeader(message, 'From') ?? '')!)).toBeUndefined();
  expect(message.body.toString()).toMatch(/^v=0\r\n[^]*RTP\/AVP 0\r\n$/);
}

/** Sections 3.2 to 3.4: well-formed for the most part; it is the layers above that must cope. */
export const RFC4475_HANDLED: readonly TortureCase[] = [
  app(['badbranch', '3.2.1'], 200, (message) => {
    expect(viaBranch(topVia(message)!)).toBe('z9hG4bK');
  }),
  refused('insuf', '3.3.1', /From is missing/),
  app(['unkscm', '3.3.2'], 416, uriIs('nobodyKnowsThisScheme:totallyopaquecontent')),
  app(['novelsc', '3.3.3'], 416, uriIs('soap.beep://192.0.2.103:3002')),
  app(['unksm2', '3.3.4'], 400, (message) => {
    const [to, from, contact] = ['To', 'From', 'Contact'].map(
      (name) => parseNameAddr(getHeader(message, name) ?? '')?.uri,
    );
    expect([to, from, contact]).toEqual([
      'isbn:2983792873',
      'http://www.example.com',
      'name:John_Smith',
    ]);
  }),
  {
    name: 'bext01',
    section: '3.3.5',
    outcome: {
      by: 'application',
      answer: 420,
      headers: ['Unsupported: nothingSupportsThis, nothingSupportsThisEither'],
    },
    check: (message) => {
      expect(getList(message, 'Require')).toEqual([
        'nothingSupportsThis',
        'nothingSupportsThisEither',
      ]);
    },
  },
  app(['invut', '3.3.6'], 415, (message) => {
    expect(message.body.toString()).toBe('<audio>\r\n <pcmu port="443"/>\r\n</audio>\r\n');
  }),
  app(
    ['regaut01', '3.3.7'],
    405,
    headerIs('Authorization', 'NoOneKnowsThisScheme opaque-data=here'),
  ),
  refused('multi01', '3.3.8', /stands twice/),
  refused('mcl01', '3.3.9', /Content-Length stands twice/),
  // The response of a dialog that is not ours, for a proxy that we are not.
  { name: 'bcast', section: '3.3.10', outcome: { by: 'nobody' } },
  app(['zeromf', '3.3.11'], 200, headerIs('Max-Forwards', '0')),
  app(['cparam01', '3.3.12'], 200, paramBelongsTo('header')),
  app(['cparam02', '3.3.13'], 200, paramBelongsTo('uri')),
  app(['regescrt', '3.3.14'], 200, (message) => {
    const contact = parseNameAddr(getList(message, 'Contact')[0] ?? '');
    expect(parseSipUri(contact?.uri ?? '')?.headers).toBe('Route=%3Csip:sip.example.com%3E');
  }),
  app(['sdp01', '3.3.15'], 406, headerIs('Accept', 'text/nobodyKnowsThis')),
  app(['inv2543', '3.4.1'], 486, checkInv2543),
];
