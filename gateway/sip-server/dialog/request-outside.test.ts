import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { getHeader } from '../message/headers.js';
import type { SipRequest } from '../message/sip-message.js';
import { buildOutsideRequest } from './request-outside.js';

const udp = { host: '192.0.2.1', port: 5070, transportParam: '' };
const ws = { host: 'gw.example', port: 443, transportParam: ';transport=ws' };

function build(
  headers: Record<string, string>,
  how: { method?: string; body?: string; name?: typeof udp } = {},
): SipRequest {
  const request = buildOutsideRequest(
    {
      method: how.method ?? 'INVITE',
      uri: 'sip:bob@example.org;transport=udp',
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      body: Buffer.from(how.body ?? ''),
    },
    how.name ?? udp,
    new ManualClock(),
  );
  if ('sentence' in request) throw new Error(request.sentence);
  return request;
}

describe('buildOutsideRequest', () => {
  it('fills in what the application leaves out', () => {
    const request = build({}, { body: 'v=0\r\n' });
    const get = (name: string): string => getHeader(request, name) ?? '';
    expect(get('From')).toMatch(/^<sip:192\.0\.2\.1:5070>;tag=[0-9a-f]{16}$/);
    expect(get('To')).toBe('<sip:bob@example.org;transport=udp>');
    expect(get('Call-ID')).toMatch(/^[0-9a-f-]{36}$/);
    expect(get('CSeq')).toMatch(/^\d+ INVITE$/);
    expect(get('Max-Forwards')).toBe('70');
    expect(get('Contact')).toBe('<sip:192.0.2.1:5070>');
    expect(get('Content-Type')).toBe('application/sdp');
  });

  it('keeps Call-ID, From tag and CSeq, which a repeat with credentials needs', () => {
    const request = build({ 'call-id': 'c', from: '<sip:a@b>;tag=t', cseq: '12 INVITE' });
    expect(getHeader(request, 'Call-ID')).toBe('c');
    expect(getHeader(request, 'From')).toBe('<sip:a@b>;tag=t');
    expect(getHeader(request, 'CSeq')).toBe('12 INVITE');
  });

  it.each([
    { header: 'from', given: 'sip:1@localhost', expected: /^<sip:1@192\.0\.2\.1:5070>;tag=/ },
    {
      header: 'From',
      given: '"A, B" <sip:1@localhost;user=phone>',
      expected: /^"A, B" <sip:1@192\.0\.2\.1:5070;user=phone>;tag=/,
    },
    { header: 'P-Asserted-Identity', given: '<sip:1@localhost>', expected: /^<sip:1@192.*5070>$/ },
    { header: 'To', given: '<sip:1@localhost.de>', expected: /^<sip:1@localhost\.de>$/ },
    { header: 'X-Note', given: 'me@localhost', expected: /^me@localhost$/ },
  ])('reads @localhost as our name: $header: $given', ({ header, given, expected }) => {
    expect(getHeader(build({ [header]: given }), header)).toMatch(expected);
  });

  it('adds the transport to a Contact that names us on a WebSocket', () => {
    const request = build({ contact: 'sip:1@localhost' }, { name: ws });
    expect(getHeader(request, 'Contact')).toBe('<sip:1@gw.example:443;transport=ws>');
  });

  it('drops what only the server writes, and spells lower-case names in the usual way', () => {
    const request = build({
      via: 'x',
      route: '<sip:x>',
      'p-early-media': 'supported',
      'x-lower': '1',
    });
    expect(request.headers.map(({ name }) => name)).toEqual([
      'Max-Forwards',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Contact',
      'P-Early-Media',
      'x-lower',
    ]);
  });

  it('says what is wrong with a draft', () => {
    expect(() => build({}, { method: 'MESSAGE', body: 'hello' })).toThrow('missing content-type');
    expect(() => build({ From: 'nobody' })).toThrow('The From header is not an address.');
  });
});
