import { describe, expect, it } from 'vitest';
import { trunkOf } from '../../app-settings.js';
import { addressInvite } from '../../trunks/trunk-request.js';
import { checkConfig } from '../parse.js';
import type { CopperlineConfig } from '../schema.js';
import { PROFILE_NAMES, TRUNK_PROFILES, withProfile, type ProfileName } from './trunk-profiles.js';

const CALLER = { user: 'alice', displayName: 'Alice', callerId: '+4930111' };

function trunkWith(settings: Record<string, unknown>): CopperlineConfig['trunks'][number] {
  const place = { host: '0.0.0.0', advertised: 'gw.example' };
  const input = {
    sip: {
      domain: 'gw.example',
      server: {
        embedded: {
          udp: place,
          tls: { ...place, certificates: [{ certFile: '/c.pem', keyFile: '/k.pem' }] },
        },
      },
    },
    media: { relay: { carrier: { host: '0.0.0.0', advertised: '192.0.2.5' } } },
    trunks: [{ name: 't', ...settings }],
    dialplan: { country: 'DE' },
  };
  const config = checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
  const [trunk] = config.trunks;
  if (trunk === undefined) throw new Error('no trunk');
  return trunk;
}

const ACCOUNT = { username: '1234567t0', password: 'hidden word' };

/** What each profile needs beside its own settings, and the INVITE that comes of it. */
const EXPECTED: Record<
  ProfileName,
  { settings: Record<string, unknown>; uri: string; from: string; headers: Record<string, string> }
> = {
  'generic-ip': {
    settings: { host: 'sip.example' },
    uri: 'sip:+49301@sip.example;transport=udp;user=phone',
    from: 'sip:+4930111@sip.example;user=phone',
    headers: { 'P-Asserted-Identity': '"Alice" <sip:+4930111@sip.example;user=phone>' },
  },
  twilio: {
    settings: { host: 'acme.pstn.twilio.com' },
    uri: 'sip:+49301@acme.pstn.twilio.com;transport=udp',
    from: 'sip:+4930111@acme.pstn.twilio.com',
    headers: {},
  },
  telnyx: {
    settings: { host: 'sip.telnyx.com', credentials: ACCOUNT },
    uri: 'sip:+49301@sip.telnyx.com;transport=udp',
    from: 'sip:+4930111@sip.telnyx.com',
    headers: { 'P-Asserted-Identity': '"Alice" <sip:+4930111@sip.telnyx.com>' },
  },
  vonage: {
    settings: { host: 'acme.sip-eu.vonage.com' },
    uri: 'sip:49301@acme.sip-eu.vonage.com;transport=udp',
    from: 'sip:4930111@acme.sip-eu.vonage.com',
    headers: {},
  },
  sipgate: {
    settings: { credentials: ACCOUNT },
    uri: 'sip:49301@sipconnect.sipgate.de;transport=udp',
    from: 'sip:1234567t0@sipconnect.sipgate.de',
    headers: { 'P-Preferred-Identity': '<sip:4930111@sipconnect.sipgate.de>' },
  },
  asterisk: {
    settings: { host: '192.0.2.9' },
    uri: 'sip:+49301@192.0.2.9;transport=udp',
    from: 'sip:+4930111@192.0.2.9',
    headers: { 'P-Asserted-Identity': '"Alice" <sip:+4930111@192.0.2.9>' },
  },
  freepbx: {
    settings: { host: '192.0.2.9' },
    uri: 'sip:+49301@192.0.2.9;transport=udp',
    from: 'sip:+4930111@192.0.2.9',
    headers: { 'P-Asserted-Identity': '"Alice" <sip:+4930111@192.0.2.9>' },
  },
  teams: {
    settings: { from: { domain: 'gw.example' } },
    uri: 'sip:+49301@sip.pstnhub.microsoft.com:5061;transport=tls;user=phone',
    from: 'sip:+4930111@gw.example;user=phone',
    headers: { 'P-Asserted-Identity': '"Alice" <sip:+4930111@gw.example;user=phone>' },
  },
};

describe.each(PROFILE_NAMES)('the profile %s', (profile) => {
  const { settings, uri, from, headers } = EXPECTED[profile];

  it('passes the schema and makes the INVITE that its documents ask for', () => {
    const invite = addressInvite(trunkOf(trunkWith({ profile, ...settings })), '+49301', CALLER);
    expect(invite.uri).toBe(uri);
    expect(invite.from.uri).toBe(from);
    expect(invite.headers).toEqual(headers);
  });

  it('gives way to the trunk’s own settings', () => {
    const trunk = trunkWith({
      profile,
      ...settings,
      numberFormat: 'international-00',
      codecs: ['pcmu'],
    });
    expect(trunk).toMatchObject({ numberFormat: 'international-00', codecs: ['pcmu'] });
    expect(trunk.health.optionsIntervalSeconds).toBeGreaterThan(0);
  });

  it('says what the carrier needs', () => {
    for (const need of TRUNK_PROFILES[profile].needs) expect(need).toMatch(/^\S.+\.$/);
  });
});

describe('settings with a profile', () => {
  it('merge mappings and replace lists', () => {
    const own = { profile: 'sipgate', from: { sendDisplayName: true }, codecs: ['pcmu'] };
    expect(withProfile(own)).toMatchObject({
      ...{ from: { user: 'account', sendDisplayName: true }, codecs: ['pcmu'] },
    });
  });

  it.each([undefined, null, 'x', [], { profile: 'toString' }, { profile: 7 }])(
    'leave %j',
    (given) => {
      expect(withProfile(given)).toBe(given);
    },
  );
});
