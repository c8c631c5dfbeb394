import { describe, expect, it } from 'vitest';
import { checkConfig } from '../config/parse.js';
import type { ConfigInput } from '../config/schema.js';
import { TRUNK_DEFAULTS, type Trunk } from '../trunks/trunk.js';
import { examineDns, type DoctorDns } from './doctor-dns.js';
import { examineAddresses, examineNumbers } from './doctor-settings.js';

const trunk = (changes: Partial<Trunk>): Trunk => ({
  ...TRUNK_DEFAULTS,
  ...{ name: 't', host: 'carrier.example' },
  ...changes,
});
const none = (): Promise<never> => Promise.reject(new Error('ENODATA'));

const DNS: DoctorDns = {
  naptr: () => Promise.resolve([{ service: 'SIP+D2U', replacement: '_sip._udp.carrier.example' }]),
  srv: (name) =>
    name === '_sip._udp.carrier.example'
      ? Promise.resolve([
          { name: 'b.example', port: 5080, priority: 2, weight: 1 },
          { name: 'a.example', port: 5070, priority: 1, weight: 1 },
        ])
      : none(),
  addresses: (name) => (name === 'a.example' ? Promise.resolve(['198.51.100.7']) : none()),
};

describe('the doctor’s look at DNS', () => {
  it('follows SRV in its order and names the host without an address', async () => {
    const { findings, places } = await examineDns(trunk({}), DNS);
    expect(findings.map(({ verdict, what }) => `${verdict} ${what}`)).toEqual([
      ...['info DNS NAPTR', 'info DNS SRV', 'ok DNS address', 'fail DNS address'],
    ]);
    expect(findings[1]?.fact).toContain('a.example:5070 (1/1), b.example:5080 (2/1)');
    expect(places).toEqual([{ address: '198.51.100.7', port: 5070 }]);
  });

  it('does not ask for what a port or an address has decided (RFC 3263 section 4.2)', async () => {
    const port = await examineDns(trunk({ host: 'a.example', port: 5090 }), DNS);
    expect(port.findings).toHaveLength(1);
    expect(port.places).toEqual([{ address: '198.51.100.7', port: 5090 }]);
    const address = await examineDns(trunk({ host: '192.0.2.1', transport: 'tls' }), DNS);
    expect(address.places).toEqual([{ address: '192.0.2.1', port: 5061 }]);
  });
});

type Embedded = NonNullable<NonNullable<ConfigInput['sip']['server']>['embedded']>;

function checked(embedded: Embedded, carrier = {}): ReturnType<typeof checkConfig> {
  const input: ConfigInput = {
    sip: { domain: 'x.example', server: { embedded } },
    media: { relay: { carrier } },
    dialplan: { country: 'DE' },
  };
  return checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
}

describe('the doctor’s look at the addresses that carriers are told', () => {
  function verdicts(advertised: string | undefined, address: string): string[] {
    const place = { host: advertised === undefined ? '10.0.0.5' : '0.0.0.0' };
    const named = advertised === undefined ? {} : { advertised };
    const config = checked({ udp: { ...place, ...named } }, { ...place, ...named });
    return examineAddresses(config, 'udp', [{ address }]).map(({ verdict }) => verdict);
  }

  it.each([
    [undefined, '198.51.100.7', 'fail'],
    [undefined, '192.168.1.1', 'ok'],
    ['203.0.113.9', '198.51.100.7', 'ok'],
    ['127.0.0.1', '192.168.1.1', 'fail'],
    ['127.0.0.1', '127.0.0.1', 'ok'],
  ] as const)('%s towards %s is %s', (advertised, address, verdict) => {
    expect(verdicts(advertised, address)).toEqual([verdict, verdict]);
  });

  it.each([
    ['udp', '198.51.100.7', 'fail, told 10.0.0.5, udp[0]'],
    ['udp', '2001:db8:1::7', 'ok, told v6.example.org, udp[1]'],
    ['tcp', '198.51.100.7', 'ok, told 203.0.113.9, tcp[1]'],
    ['tcp', '2001:db8:1::7', 'fail, told ::1, tcp[0]'],
    ['tls', '198.51.100.7', 'fail, told 10.0.0.6, tls'],
  ] as const)(
    'of several ports, is about that of %s and the family of %s',
    (...[transport, address, expected]) => {
      const certificates = [{ certFile: '/tls/a.pem', keyFile: '/tls/a.key' }];
      const config = checked({
        udp: [{ host: '10.0.0.5' }, { host: 'fd00::5', advertised: 'v6.example.org' }],
        tcp: [{ host: '::1' }, { host: '0.0.0.0', advertised: '203.0.113.9' }],
        tls: { host: '10.0.0.6', certificates },
      });
      const seen = examineAddresses(config, transport, [{ address }])
        .filter(({ what }) => what === 'SIP')
        .map(({ verdict, fact }) => {
          const told = /is told (\S+?),? /.exec(fact)?.[1] ?? '';
          const setting = /sip\.server\.embedded\.([a-z]+(?:\[\d\])?)/.exec(fact)?.[1] ?? '';
          return `${verdict}, told ${told}, ${setting}`;
        });
      expect(seen).toEqual([expected]);
    },
  );
});

describe('the doctor’s look at numbers', () => {
  it('shows what the carrier will see, but no header that may hold a secret', () => {
    const headers = { 'X-Key': 'very secret' };
    const shown = trunk({
      headers,
      identity: { headers: ['pai'], anonymous: 'from', diversion: false },
    });
    const caller = { user: 'alice', displayName: 'Alice', callerId: '+4930111' };
    const text = JSON.stringify(examineNumbers(shown, '+49301', caller));
    expect(text).toContain('+49301 is asked for as sip:+49301@carrier.example;transport=udp');
    expect(text).toContain('P-Asserted-Identity');
    expect(text).not.toContain('very secret');
    const nobody = examineNumbers(shown, '+49301', { ...caller, callerId: undefined });
    expect(nobody.at(-1)).toMatchObject({ verdict: 'warn', what: 'From' });
  });
});
