import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import {
  address,
  naptrRecord,
  ScriptedDns,
  srvRecord,
  type Zone,
} from '../../../test/support/sip/scripted-dns.js';
import { parseSipUri } from '../message/uri.js';
import type { TransportProtocol } from '../transport/transport.js';
import { DnsNextHop } from './dns-next-hop.js';

const ALL: TransportProtocol[] = ['udp', 'tcp', 'tls', 'ws'];

interface Bench {
  dns: ScriptedDns;
  clock: ManualClock;
  hop: DnsNextHop;
  /** `protocol host:port`, best first. */
  ask: (
    uri: string,
    how?: { protocols?: TransportProtocol[]; families?: (4 | 6)[] },
  ) => Promise<string[]>;
}

function bench(zone: Zone = {}): Bench {
  const clock = new ManualClock();
  const dns = new ScriptedDns(zone);
  const hop = new DnsNextHop({ resolver: dns, clock, random: () => 0 });
  return {
    dns,
    clock,
    hop,
    ask: async (uri, how = {}) => {
      const targets = await hop.targets({
        uri: parseSipUri(uri)!,
        protocols: new Set(how.protocols ?? ALL),
        families: () => how.families ?? [4, 6],
      });
      return targets.map(({ protocol, host, port }) => `${protocol} ${host}:${port}`);
    },
  };
}

const A = { 'a.example': address('192.0.2.1'), 'b.example': address('192.0.2.2') };

describe('the next hop (RFC 3263)', () => {
  it.each([
    ['sip:u@192.0.2.9', ['udp 192.0.2.9:5060']],
    ['sip:u@192.0.2.9:5070', ['udp 192.0.2.9:5070']],
    ['sip:u@192.0.2.9;transport=tcp', ['tcp 192.0.2.9:5060']],
    ['sip:u@192.0.2.9;transport=TLS', ['tls 192.0.2.9:5061']],
    ['sips:u@192.0.2.9', ['tls 192.0.2.9:5061']],
    ['sips:u@192.0.2.9;transport=tcp', ['tls 192.0.2.9:5061']],
    ['sip:u@[2001:db8::1]:5070', ['udp 2001:db8::1:5070']],
    ['sip:u@example.com;maddr=192.0.2.8', ['udp 192.0.2.8:5060']],
    ['sip:u@localhost:5070', ['udp 127.0.0.1:5070', 'udp ::1:5070']],
  ])('of %s needs no question', async (uri, expected) => {
    const { ask, dns } = bench();
    expect(await ask(uri)).toEqual(expected);
    expect(dns.asked).toEqual([]);
  });

  it('of a name with a port is its addresses', async () => {
    const { ask, dns } = bench({ a: A });
    expect(await ask('sip:u@A.example:5080')).toEqual(['udp 192.0.2.1:5080']);
    expect(dns.asked).toEqual(['A a.example', 'AAAA a.example', 'hosts a.example']);
  });

  it('follows NAPTR to SRV to addresses, in their order', async () => {
    const { ask } = bench({
      a: A,
      aaaa: { 'b.example': address('2001:db8::2') },
      naptr: {
        'example.com': [
          naptrRecord('SIP+D2U', '_sip._udp.example.com', 20),
          naptrRecord('SIP+D2T', '_sip._tcp.example.com', 10),
          naptrRecord('SIP+D2S', '_sip._sctp.example.com', 5),
        ],
      },
      srv: {
        '_sip._tcp.example.com': [
          srvRecord('b.example', 5072, { priority: 20 }),
          srvRecord('a.example', 5071, { priority: 10 }),
        ],
        '_sip._udp.example.com': [srvRecord('a.example', 5060)],
      },
    });
    expect(await ask('sip:u@example.com')).toEqual([
      'tcp 192.0.2.1:5071',
      'tcp 192.0.2.2:5072',
      'tcp 2001:db8::2:5072',
      'udp 192.0.2.1:5060',
    ]);
    expect(await ask('sip:u@example.com', { protocols: ['udp'], families: [4] })).toEqual([
      'udp 192.0.2.1:5060',
    ]);
    // A sips URI takes no service that is not secured.
    expect(await ask('sips:u@example.com')).toEqual([]);
  });

  it('without NAPTR takes whichever protocol has SRV records', async () => {
    const { ask } = bench({
      a: A,
      srv: { '_sip._tcp.example.com': [srvRecord('a.example', 5071)] },
    });
    expect(await ask('sip:u@example.com')).toEqual(['tcp 192.0.2.1:5071']);
    expect(await ask('sip:u@example.com;transport=tcp')).toEqual(['tcp 192.0.2.1:5071']);
  });

  it('without SRV is the addresses of the name', async () => {
    const { ask } = bench({ a: A });
    expect(await ask('sip:u@a.example')).toEqual(['udp 192.0.2.1:5060']);
    expect(await ask('sips:u@a.example')).toEqual(['tls 192.0.2.1:5061']);
    expect(await ask('sip:u@a.example', { protocols: ['tcp'] })).toEqual(['tcp 192.0.2.1:5060']);
  });

  it('is nowhere when the service is declared absent, or the name unknown', async () => {
    const { ask } = bench({ srv: { '_sip._udp.example.com': [srvRecord('', 5060)] } });
    expect(await ask('sip:u@example.com;transport=udp')).toEqual([]);
    expect(await ask('sip:u@nowhere.example')).toEqual([]);
  });

  it('knows the names of this machine where DNS does not', async () => {
    const { ask } = bench({ hosts: { pbx: '10.0.0.7' } });
    expect(await ask('sip:u@pbx', { families: [4] })).toEqual(['udp 10.0.0.7:5060']);
  });

  it('names to TLS what the URI says, not what DNS says', async () => {
    const { hop } = bench({
      a: A,
      srv: { '_sips._tcp.example.com': [srvRecord('a.example', 5061)] },
    });
    const [target] = await hop.targets({
      uri: parseSipUri('sips:u@example.com')!,
      protocols: new Set(ALL),
      families: () => [4],
    });
    expect(target).toEqual({
      protocol: 'tls',
      host: '192.0.2.1',
      port: 5061,
      serverName: 'example.com',
    });
  });

  it('tries no more than 16 addresses, whatever a zone holds', async () => {
    const many = Array.from({ length: 100 }, (_, index) => srvRecord('a.example', 6_000 + index));
    const { ask } = bench({ a: A, srv: { '_sip._udp.example.com': many } });
    expect(await ask('sip:u@example.com;transport=udp')).toHaveLength(8);
    const wide = bench({
      a: { 'a.example': Array.from({ length: 99 }, () => address('192.0.2.1')[0]!) },
    });
    expect(await wide.ask('sip:u@a.example:5060')).toHaveLength(16);
  });

  it('remembers answers as long as they hold, and that there is none', async () => {
    const { ask, dns, clock } = bench({ a: { 'a.example': address('192.0.2.1', 120) } });
    const question = (): Promise<string[]> => ask('sip:u@a.example:5060', { families: [4] });
    await Promise.all([question(), question()]);
    expect(dns.asked).toEqual(['A a.example']);
    dns.zone = { a: { 'a.example': address('192.0.2.99', 120) } };
    clock.advance(119_000);
    expect(await question()).toEqual(['udp 192.0.2.1:5060']);
    clock.advance(1_000);
    expect(await question()).toEqual(['udp 192.0.2.99:5060']);
    const missing = (): Promise<string[]> => ask('sip:u@new.example:5060', { families: [4] });
    expect(await missing()).toEqual([]);
    dns.zone = { a: { 'new.example': address('192.0.2.5') } };
    clock.advance(29_000);
    expect(await missing()).toEqual([]);
    clock.advance(1_000);
    expect(await missing()).toEqual(['udp 192.0.2.5:5060']);
    expect(clock.pending).toBe(0);
  });
});
