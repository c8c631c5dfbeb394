import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUri, parseSipUri, parseUri, uriParam } from './uri.js';

describe('parseUri', () => {
  it('reads all parts of a SIP URI', () => {
    const text =
      'sips:alice:secret@example.com:5061;transport=tcp;lr?subject=a%20b&priority=urgent';
    expect(parseUri(text)).toEqual({
      scheme: 'sips',
      user: 'alice',
      password: 'secret',
      host: 'example.com',
      port: 5061,
      params: [{ name: 'transport', value: 'tcp' }, { name: 'lr' }],
      headers: 'subject=a%20b&priority=urgent',
    });
  });

  it.each([
    'sip:example.com',
    'sip:a@[2001:db8::1]:5060;transport=ws',
    'sip:+1-212-555-1212:1234@gateway.com;user=phone',
    'sip:alice;day=tuesday@example.com',
    'sip:a?b@example.com',
    'sip:%23600@example.com',
    'tel:+358-555-1234567;postd=pp22',
    'tel:7042;phone-context=example.com',
    'sip:user@xn--bcher-kva.example',
    'sip:1234@192.0.2.1:5060;maddr=239.255.255.1;ttl=15?a=b',
    'sip:df7jal23ls0d.invalid;transport=ws',
  ])('writes %s back as it was', (text) => {
    expect(formatUri(parseUri(text)!)).toBe(text);
  });

  it('unescapes the user and reads parameters without regard to case', () => {
    const uri = parseSipUri('SIP:sips%3Auser%40example.com@example.net;Transport=TCP;x=%41')!;
    expect(uri.user).toBe('sips:user@example.com');
    expect(uriParam(uri, 'transport')).toBe('TCP');
    expect(uriParam(uri, 'X')).toBe('A');
    expect(uriParam(uri, 'lr')).toBeUndefined();
    expect(formatUri(uri)).toBe('sip:sips%3Auser%40example.com@example.net;Transport=TCP;x=%41');
  });

  it.each([
    '',
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a b@host',
    'sip:a@host:0',
    'sip:a@host:65536',
    'sip:a@host:abc',
    'sip:a@b@c',
    'sip:a%4@host',
    'sip:%ff@host',
    'sip:a@[::1',
    'sip:a@host;=x',
    'sip:<a>@host',
    'http://example.com',
    'tel:',
    'tel:abc xyz',
    'mailto:a@b',
  ])('refuses %j', (text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  it('parseSipUri refuses tel', () => {
    expect(parseSipUri('tel:+123')).toBeUndefined();
  });

  it('brings any user part through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (user) => {
        const text = formatUri({ scheme: 'sip', user, host: 'example.com', params: [] });
        expect(text).toMatch(/^[\x21-\x7e]+$/);
        expect(parseSipUri(text)?.user).toBe(Buffer.from(user).toString());
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseUri(text);
        parseUri(`sip:${text}`);
        parseUri(`tel:${text}`);
      }),
    );
  }, 60_000);
});
