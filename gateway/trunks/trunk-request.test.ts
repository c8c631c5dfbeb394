import { describe, expect, it } from 'vitest';
import { addressInvite, formatNumber } from './trunk-request.js';
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
  ] as const)('writes %s: %s as %s', (format, number, written) => {
    expect(formatNumber(number, format)).toBe(written);
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
