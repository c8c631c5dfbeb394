import { expect, it } from 'vitest';
import { parseConfig } from './parse.js';

function problem(embedded: object): string {
  const config = {
    sip: { domain: 'example.org', server: { embedded } },
    dialplan: { country: 'DE' },
  };
  try {
    parseConfig(JSON.stringify(config), 'test.yaml', {});
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

it.each<[object, string]>([
  [
    { guard: { trusted: ['10.0.0.0/33'] } },
    'guard.trusted[0] (line 1): is no network, got "10.0.0.0/33", allowed: an IP address or a network',
  ],
  [
    { guard: { scanners: 'kill' } },
    'guard.scanners (line 1): is not allowed, got "kill", allowed: answer, drop, forbid, ban',
  ],
  [
    { guard: { burst: 0 } },
    'guard.burst (line 1): is out of range, got 0, allowed: a whole number',
  ],
  [{ connections: { idle: 5 } }, 'connections.idle (line 1): is no known setting, allowed: max, '],
  [
    { requestHandlers: [{ method: 'INVITE', url: 'ftp://x' }] },
    'requestHandlers[0].url (line 1): is no URL of a handler, got "ftp://x", allowed: http://',
  ],
  [
    { requestHandlers: [{ method: 'INVITE', url: 'tcp://x' }] },
    'requestHandlers[0].url (line 1): is no URL of a handler, got "tcp://x"',
  ],
  [
    { requestHandlers: ['http://x', 'http://y'].map((url) => ({ method: '*', url })) },
    'requestHandlers (line 1): has two handlers for one method, got a list, allowed: a list of handlers',
  ],
  [
    { udp: { hots: '127.0.0.1' } },
    'udp.hots (line 1): is no known setting; did you mean host? allowed: host, port, advertised',
  ],
  [
    { udp: [{ host: '::1' }, { host: 'x' }] },
    'udp[1].host (line 1): is no IP address, got "x", allowed: an IPv4 or IPv6 address',
  ],
  [
    { udp: [{ host: '::1' }, { hots: '::' }] },
    'udp[1].hots (line 1): is no known setting; did you mean host? allowed: host, port, advertised',
  ],
  [
    { udp: [] },
    'udp (line 1): has the wrong length, got a list, allowed: a mapping with host, port, advertised, or a list of such mappings',
  ],
  [
    { tcp: [{ host: '::1' }, { host: '::1', port: 5060 }] },
    'tcp (line 1): names the same address and port twice, got a list, allowed: a mapping with host',
  ],
  [
    { tcp: 5060 },
    'tcp (line 1): is not allowed, got 5060, allowed: a mapping with host, port, advertised, or a list',
  ],
  [
    { tls: [{ host: '::1' }] },
    'tls[0].certificates (line 1): is missing, allowed: a list of certificates',
  ],
  [{ applications: {} }, 'applications.secret (line 1): is missing, allowed: text'],
])('%j is refused with what is wrong', (embedded, sentence) => {
  expect(problem(embedded)).toContain(`sip.server.embedded.${sentence}`);
});

it('the networks and handlers that make sense are taken', () => {
  const handlers = ['https://x/y?z=1', 'tcp://10.0.0.1:9000', 'tls://app.example:9000'];
  const embedded = {
    guard: { trusted: ['10.0.0.7', '2001:db8::/32', '192.0.2.0/24'] },
    requestHandlers: handlers.map((url, index) => ({
      method: ['INVITE', 'REFER', '*'][index],
      url,
    })),
  };
  expect(problem(embedded)).toBe('');
});
