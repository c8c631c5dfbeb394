import { describe, expect, it } from 'vitest';
import {
  describeReason,
  escapeUser,
  formatReason,
  parseNameAddress,
  parseParty,
  parseSipUri,
  quote,
  splitOutsideQuotes,
} from './sip-text.js';

describe('name-addr', () => {
  it.each([
    ['"Ann, Lee" <sip:ann@h;transport=ws>;tag=1', 'Ann, Lee', 'sip:ann@h;transport=ws', '1'],
    ['Ann <sip:ann@h>;tag=2', 'Ann', 'sip:ann@h', '2'],
    ['<sip:ann@h>', undefined, 'sip:ann@h', undefined],
    ['sip:ann@h;tag=3', undefined, 'sip:ann@h', '3'],
    ['"A \\"q\\" <x>" <sip:a@h>', 'A "q" <x>', 'sip:a@h', undefined],
  ])('reads %s', (...[text, displayName, uri, tag]) => {
    const address = parseNameAddress(text);
    expect(address).toMatchObject({ displayName, uri });
    expect(address?.params.get('tag')).toBe(tag);
  });

  it.each(['', 'nonsense', '<sip:a@h', '"unclosed <sip:a@h'])('refuses %j', (text) => {
    expect(parseParty(text)).toBeUndefined();
  });

  it('removes line breaks from a display name', () => {
    expect(parseParty('"A\r\nVia: x" <sip:a@h>')?.displayName).toBe('A Via: x');
  });
});

describe('SIP URIs', () => {
  it.each([
    ['sip:alice@example.com', 'alice', 'example.com'],
    ['SIPS:alice:secret@example.com:5061;transport=tls?x=y', 'alice', 'example.com'],
    ['sip:+49301234;npdi=yes@10.0.0.1', '+49301234', '10.0.0.1'],
    ['sip:a%40b@[::1]:5060', 'a@b', '[::1]'],
    ['sip:gateway.test', '', 'gateway.test'],
    ['tel:+49301234;phone-context=x', '+49301234', ''],
    ['sip:bad%zz@h', 'bad%zz', 'h'],
  ])('reads %s', (uri, user, host) => {
    expect(parseSipUri(uri)).toMatchObject({ user, host });
  });

  it.each(['http://x', 'sip:', 'sip:a b@h', ''])('refuses %j', (uri) => {
    expect(parseSipUri(uri)).toBeUndefined();
  });

  it('escapes what may not stand in a user part', () => {
    expect(escapeUser('+4930,#*x@y z')).toBe('+4930,%23*x%40y%20z');
  });
});

describe('text in headers', () => {
  it('cannot start another header or end the quotes', () => {
    expect(quote('a"b\\c\r\nX: y')).toBe('"a\\"b\\\\c X: y"');
    expect(formatReason(486, 'Busy; "now"')).toBe('SIP;cause=486;text="Busy; \\"now\\""');
  });

  it('is split only outside quotes and brackets', () => {
    expect(splitOutsideQuotes('"a,b" <sip:x,y@h>, <sip:z@h>', ',')).toEqual([
      '"a,b" <sip:x,y@h>',
      '<sip:z@h>',
    ]);
  });

  it.each([
    ['Q.850;cause=16;text="Normal, really"', 'Normal, really'],
    ['Q.850 ;cause=34', 'Q.850 cause 34'],
    ['SIP;cause=200;text=""', 'SIP cause 200'],
    ['garbage', undefined],
    [undefined, undefined],
  ])('describes the Reason %j', (header, text) => {
    expect(describeReason(header)).toBe(text);
  });
});
