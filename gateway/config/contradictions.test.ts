import { describe, expect, it } from 'vitest';
import { sentences, trunk, user } from '../../test/support/config-sentences.js';
import type { ConfigInput } from './schema.js';

const routes = (...list: NonNullable<ConfigInput['dialplan']['routes']>): Partial<ConfigInput> => ({
  dialplan: { country: 'DE', routes: list },
});

describe('contradictions', () => {
  it('refuses loopback addresses when a trunk is on another machine', () => {
    const trunks = [{ name: 'far', host: '192.0.2.10' }];
    expect(sentences({ trunks })).toEqual([
      expect.stringMatching(
        /^media\.relay\.carrier\.host: is 127\.0\.0\.1, from where the trunk "far" at 192\.0\.2\.10 cannot be reached/,
      ),
      expect.stringMatching(/^sip\.server\.embedded\.udp\.host: is 127\.0\.0\.1/),
    ]);
    expect(sentences({ trunks: [{ name: 'near', host: '127.0.0.1' }] })).toEqual([]);
  });

  it('leaves the ports to the system when they are 0', () => {
    const media = { relay: { browser: { port: 0 }, carrier: { ports: { min: 0, max: 0 } } } };
    expect(sentences({ media, limits: { maxCalls: 5_000 } })).toEqual([]);
    expect(sentences({ media: { relay: { carrier: { ports: { min: 0 } } } } })).toEqual([
      'media.relay.carrier.ports: has only one port that is 0, got a mapping, allowed: a mapping with min, max',
    ]);
    expect(sentences({ media: { relay: { carrier: { ports: { min: 80 } } } } })).toEqual([
      'media.relay.carrier.ports.min: is out of range, got 80, allowed: a whole number from 1024 to 65535 (both 0: any free ports)',
    ]);
  });

  it('finds none in settings that fit together', () => {
    const fitting = routes(
      { name: 'all', prefix: '+', trunks: ['carrier', 'backup'] },
      { name: 'all-alice', prefix: '+', users: ['alice'], trunks: ['backup'] },
      { name: 'short', short: ['600'], trunks: ['carrier'] },
    );
    expect(sentences(fitting)).toEqual([]);
  });

  it.each<[string, Partial<ConfigInput>, string]>([
    [
      'user twice',
      { users: [user('alice'), user('Alice')] },
      'users[1].name: is the same name as users[0], got "Alice", allowed: each name once, in any case',
    ],
    [
      'a trunk over a transport without a port',
      { trunks: [{ ...trunk('a'), transport: 'tls' }, trunk('b')] },
      'trunks[0].transport: needs sip.server.embedded.tls, which is not set, got "tls", allowed: udp, or a mapping at sip.server.embedded.tls',
    ],
    [
      'a TCP port on every address without a name',
      { sip: { domain: 'example.org', server: { embedded: { tcp: { host: '::' } } } } },
      'sip.server.embedded.tcp.advertised: is missing, but host is :: and carriers need one address to send to, allowed: the address under which carriers reach this machine',
    ],
    [
      'trunk twice',
      { trunks: [trunk('a'), trunk('b'), trunk('a')] },
      'trunks[2].name: is the same name as trunks[0], got "a", allowed: each name once, in any case',
    ],
    [
      'unknown trunk',
      routes({ name: 'r', prefix: '+', trunks: ['carrier', 'bakup'] }),
      'dialplan.routes[0].trunks[1]: names no trunk (did you mean backup?), got "bakup", allowed: carrier, backup',
    ],
    [
      'no trunks at all',
      { ...routes({ name: 'r', prefix: '+', trunks: ['x'] }), trunks: [] },
      'dialplan.routes[0].trunks[0]: names no trunk, got "x", allowed: nothing: there are no trunks',
    ],
    [
      'same trunk twice',
      routes({ name: 'r', prefix: '+', trunks: ['backup', 'backup'] }),
      'dialplan.routes[0].trunks[1]: is named twice, got "backup", allowed: each trunk once',
    ],
    [
      'unknown user',
      routes({ name: 'r', prefix: '+', users: ['eve'], trunks: ['backup'] }),
      'dialplan.routes[0].users[0]: names no user, got "eve", allowed: alice, bob',
    ],
    [
      'neither prefix nor short',
      routes({ name: 'r', trunks: ['backup'] }),
      'dialplan.routes[0].prefix: is missing, and so is short, allowed: one of prefix and short',
    ],
    [
      'prefix and short',
      routes({ name: 'r', prefix: '+', short: ['1'], trunks: ['backup'] }),
      'dialplan.routes[0].short: stands beside prefix, got a list, allowed: one of prefix and short',
    ],
    [
      'rule name twice',
      {
        dialplan: {
          country: 'DE',
          routes: [{ name: 'r', prefix: '+', trunks: ['backup'] }],
          refuse: [{ name: 'r', prefix: '+1', reason: 'no' }],
        },
      },
      'dialplan.refuse[0].name: is the name of another rule as well, got "r", allowed: each name once',
    ],
    [
      'prefix twice',
      {
        dialplan: {
          country: 'DE',
          routes: [{ name: 'r', prefix: '+1', trunks: ['backup'] }],
          refuse: [{ name: 'n', prefix: '+1', reason: 'no' }],
        },
      },
      'dialplan.refuse[0].prefix: is the same as in the rule r, got "+1", allowed: each prefix and short code once for the same caller',
    ],
    [
      'short code twice',
      routes(
        { name: 'a', short: ['1', '2'], trunks: ['backup'] },
        { name: 'b', short: ['3', '2'], trunks: ['backup'] },
      ),
      'dialplan.routes[1].short[1]: is the same as in the rule a, got "2", allowed: each prefix and short code once for the same caller',
    ],
    [
      'port range upside down',
      { media: { relay: { carrier: { ports: { min: 42000, max: 41000 } } } } },
      'media.relay.carrier.ports.min: is above max, which is 41000, got 42000, allowed: at most 41000',
    ],
    [
      'too few ports',
      {
        media: { relay: { carrier: { ports: { min: 41000, max: 41019 } } } },
        limits: { maxCalls: 11 },
      },
      'media.relay.carrier.ports.max: leaves ports for 10 calls (two each), but limits.maxCalls is 11, got 41019, allowed: min plus 21 or more, or a lower limits.maxCalls',
    ],
    [
      'browser port among carrier ports',
      { media: { relay: { workers: 1, browser: { port: 41500 } } } },
      'media.relay.browser.port: lies within media.relay.carrier.ports (41000 to 42999), got 41500, allowed: a port outside of that range',
    ],
    [
      'a worker among carrier ports',
      { media: { relay: { workers: 4, browser: { port: 40_997 } } } },
      'media.relay.browser.port: with one port per worker (up to 41000) lies within media.relay.carrier.ports (41000 to 42999), got 40997, allowed: a port outside of that range',
    ],
    [
      'SIP port among carrier ports',
      { sip: { domain: 'a', server: { embedded: { udp: { port: 41500 } } } } },
      'sip.server.embedded.udp.port: lies within media.relay.carrier.ports (41000 to 42999), got 41500, allowed: a port outside of that range',
    ],
    [
      'one of two SIP ports among carrier ports',
      { sip: { domain: 'a', server: { embedded: { udp: [{}, { host: '::1', port: 41500 }] } } } },
      'sip.server.embedded.udp[1].port: lies within media.relay.carrier.ports (41000 to 42999), got 41500, allowed: a port outside of that range',
    ],
    [
      'one of two SIP ports on all addresses',
      { sip: { domain: 'a', server: { embedded: { udp: [{}, { host: '::' }] } } } },
      'sip.server.embedded.udp[1].advertised: is missing, but host is :: and carriers need one address to send to, allowed: the address under which carriers reach this machine',
    ],
    [
      'SIP on all addresses',
      { sip: { domain: 'a', server: { embedded: { udp: { host: '0.0.0.0' } } } } },
      'sip.server.embedded.udp.advertised: is missing, but host is 0.0.0.0 and carriers need one address to send to, allowed: the address under which carriers reach this machine',
    ],
    [
      'RTP on all addresses',
      { media: { relay: { carrier: { host: '::' } } } },
      'media.relay.carrier.advertised: is missing, but host is :: and carriers need one address to send to, allowed: the address under which carriers reach this machine',
    ],
    [
      'expiry range',
      { registration: { minExpiresSeconds: 700 } },
      'registration.minExpiresSeconds: is above defaultExpiresSeconds, which is 600, got 700, allowed: at most 600',
    ],
    [
      'user above gateway',
      { limits: { maxCalls: 2, maxCallsPerUser: 3 } },
      'limits.maxCallsPerUser: is above maxCalls, which is 2, got 3, allowed: at most 2',
    ],
    [
      'address above total',
      { web: { maxConnections: 10, maxConnectionsPerAddress: 11 } },
      'web.maxConnectionsPerAddress: is above maxConnections, which is 10, got 11, allowed: at most 10',
    ],
    [
      'timeouts',
      { trunks: [{ ...trunk('a'), noAnswerTimeoutSeconds: 5 }] },
      'trunks[0].noResponseTimeoutSeconds: is above noAnswerTimeoutSeconds, which is 5, allowed: at most 5',
    ],
  ])('%s', (_name, change, sentence) => {
    expect(sentences(change)).toEqual([sentence]);
  });

  it('names the transport of an outbound proxy that the SIP server does not have', () => {
    const trunks = [{ ...trunk('carrier'), outboundProxy: 'sip:edge.example;transport=tls;lr' }];
    expect(sentences({ trunks })).toEqual([
      'trunks[0].outboundProxy: needs sip.server.embedded.tls, which is not set, got "sip:edge.example;transport=tls;lr", allowed: udp, or a mapping at sip.server.embedded.tls',
    ]);
  });

  it('names a codec in which tones are lost', () => {
    const inband = { dtmf: 'inband' as const };
    const trunks = [
      { ...trunk('one'), ...inband },
      { ...trunk('two'), ...inband, codecs: ['pcma' as const, 'opus' as const] },
    ];
    expect(sentences({ trunks })).toEqual([
      'trunks[1].dtmf: is inband, but opus is one of trunks[1].codecs, got "inband", allowed: inband with pcmu and pcma only',
    ]);
  });

  it('names a TURN server without credentials, on which browsers refuse every call', () => {
    const iceServers = [
      { urls: ['stun:stun.example'] },
      { urls: ['turn:turn.example'], username: 'u', credential: 'c' },
      { urls: ['turns:turn.example'], username: 'u' },
    ];
    expect(sentences({ web: { iceServers } })).toEqual([
      'web.iceServers[2].credential: is missing, but a TURN server needs username and credential, allowed: both, or only stun: URLs',
    ]);
  });

  it.each(['f', 'L', 'Contact'])('leaves the header %s to the gateway', (name) => {
    const trunks = [{ ...trunk('carrier'), headers: { [name]: 'x' } }];
    expect(sentences({ trunks })).toEqual([
      expect.stringContaining('is written by the gateway itself'),
    ]);
  });
});
