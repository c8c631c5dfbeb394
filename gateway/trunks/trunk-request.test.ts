import { describe, expect, it } from 'vitest';
import { Secret } from '../kernel/secret.js';
import { calledNumber, formatNumber } from './number-format.js';
import { addressInvite } from './trunk-request.js';
import { TRUNK_DEFAULTS, type FromPolicy, type Trunk } from './trunk.js';

const trunk = (changes: Partial<Trunk>): Trunk => ({
  ...TRUNK_DEFAULTS,
  ...{ name: 't', host: 'sip.example' },
  ...changes,
});
const caller = { user: 'alice', displayName: 'Alice', callerId: '+4930111' };

describe('the INVITE to a trunk', () => {
  it.each([
    ['e164', '+49301', '+49301'],
    ['e164-without-plus', '+49301', '49301'],
    ['e164-without-plus', '110', '110'],
    ['as-is', '+49301', '+49301'],
    ['international-00', '+49301', '0049301'],
    ['international-011', '+49301', '01149301'],
    ['international-00', '110', '110'],
    ['national', '+493012345678', '03012345678'],
    ['national', '+12015550123', '0012015550123'],
    ['national', '+4911', '+4911'],
    ['national', '*97', '*97'],
  ] as const)('writes %s: %s as %s', (numberFormat, number, written) => {
    expect(formatNumber(number, { numberFormat, country: 'DE' })).toBe(written);
  });

  it('takes digits off the written number and puts the tech prefix before it', () => {
    const changes = trunk({ numberFormat: 'e164-without-plus', stripDigits: 2, techPrefix: '99#' });
    expect(calledNumber('+49301', changes)).toBe('99#301');
    expect(calledNumber('110', changes)).toBe('99#110');
    expect(addressInvite(changes, '+49301', caller).uri).toBe(
      'sip:99%23301@sip.example;transport=udp',
    );
  });

  it('says user=phone of numbers only', () => {
    const phone = trunk({ userPhone: true });
    const { uri, from } = addressInvite(phone, '+49301', caller);
    expect(uri).toBe('sip:+49301@sip.example;transport=udp;user=phone');
    expect(from.uri).toBe('sip:+4930111@sip.example;user=phone');
    expect(addressInvite(phone, '*97', { ...caller, callerId: undefined })).toMatchObject({
      ...{ uri: 'sip:*97@sip.example;transport=udp', from: { uri: 'sip:alice@sip.example' } },
    });
  });

  it('names the caller in the headers that the trunk wants, in the caller’s own format', () => {
    const from = {
      user: 'account',
      numberFormat: 'e164-without-plus',
      domain: 'own.example',
    } as const;
    const policy = trunk({
      from: { ...from, sendDisplayName: true },
      credentials: { username: '1234567t0', password: new Secret('hidden word') },
      identity: { headers: ['pai', 'ppi', 'rpid'], anonymous: 'from', diversion: true },
    });
    const divertedBy = { number: '+4930222', reason: 'no-answer' } as const;
    const { from: written, headers } = addressInvite(policy, '+49301', { ...caller, divertedBy });
    expect(written).toEqual({ uri: 'sip:1234567t0@own.example', displayName: 'Alice' });
    const address = '"Alice" <sip:4930111@own.example>';
    expect(headers).toEqual({
      'P-Asserted-Identity': address,
      'P-Preferred-Identity': address,
      'Remote-Party-ID': `${address};party=calling;screen=yes;privacy=off`,
      Diversion: '<sip:4930222@own.example>;reason=no-answer;counter=1',
    });
  });

  it('names nobody who has no number', () => {
    const policy = trunk({ identity: { headers: ['pai'], anonymous: 'from', diversion: false } });
    const nobody = { ...caller, callerId: undefined };
    expect(addressInvite(policy, '110', nobody).headers).toEqual({});
  });

  it.each([
    ['from', 'sip:anonymous@anonymous.invalid', 'Anonymous'],
    ['privacy', 'sip:+4930111@sip.example', undefined],
  ] as const)('hides callers by %s', (anonymous, uri, displayName) => {
    const policy = trunk({ identity: { headers: ['pai', 'rpid'], anonymous, diversion: false } });
    const hidden = addressInvite(policy, '+49301', { ...caller, anonymous: true });
    expect(hidden.from).toEqual({ uri, displayName });
    expect(hidden.headers).toMatchObject({ Privacy: 'id' });
    // The carrier may know (RFC 3325); the called party is kept from it by Privacy.
    expect(hidden.headers['P-Asserted-Identity']).toContain('sip:+4930111@');
    expect(hidden.headers['Remote-Party-ID']).toContain('privacy=full');
  });

  it('fills header templates with facts, none of which can start another header', () => {
    const headers = { 'X-Call': '{trunk}/{caller.user}/{caller.number}/{called.number}' };
    const evil = { ...caller, user: 'a\r\nX-Evil: 1' };
    expect(addressInvite(trunk({ headers }), '+49301', evil).headers['X-Call']).toBe(
      't/a X-Evil: 1/+4930111/+49301',
    );
  });

  it('shows the caller’s number in the trunk’s format, or the user name without one', () => {
    const format = trunk({ numberFormat: 'e164-without-plus' });
    expect(addressInvite(format, '+49301', caller)).toMatchObject({
      uri: 'sip:49301@sip.example;transport=udp',
      from: { uri: 'sip:4930111@sip.example', displayName: 'Alice' },
    });
    expect(addressInvite(format, '1', { ...caller, callerId: undefined }).from.uri).toBe(
      'sip:alice@sip.example',
    );
  });

  it('follows the From policy, the proxy and IPv6', () => {
    const accountUser: Exclude<FromPolicy['user'], string> = { fixed: 'acct 7' };
    const policy = trunk({
      ...{ host: '2001:db8::1', port: 5070, transport: 'tls', outboundProxy: 'sip:edge.example' },
      from: { user: accountUser, domain: 'own.example', sendDisplayName: false },
    });
    expect(addressInvite(policy, '*21#', caller)).toMatchObject({
      uri: 'sip:*21%23@[2001:db8::1]:5070;transport=tls',
      nextHop: 'sip:edge.example',
      from: { uri: 'sip:acct%207@own.example', displayName: undefined },
    });
  });

  it('writes IPv6 addresses in brackets in From too', () => {
    const policy = trunk({ host: '2001:db8::1' });
    expect(addressInvite(policy, '110', caller).from.uri).toBe('sip:+4930111@[2001:db8::1]');
  });
});
