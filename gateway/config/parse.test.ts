import { describe, expect, it } from 'vitest';
import { Secret } from '../kernel/secret.js';
import { ConfigError } from './config-error.js';
import { parseConfig } from './parse.js';

const BASE = `
sip: { domain: phone.example.org }
users:
  - { name: alice, password: alice-password }
trunks:
  - { name: carrier, host: carrier.localhost }
dialplan:
  country: DE
  routes:
    - { name: all, prefix: '+', trunks: [carrier] }
`;

function problemsOf(text: string, env: Record<string, string> = {}): ConfigError {
  try {
    parseConfig(text, 'test.yaml', env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** The base with one more top-level section. */
const withSection = (text: string): string => `${BASE}${text}`;

describe('a good file', () => {
  it('is completed with the defaults', () => {
    const config = parseConfig(BASE, 'test.yaml', {});
    expect(config.web).toMatchObject({ host: '127.0.0.1', port: 8080, origins: 'same-origin' });
    expect(config.sip.server).toMatchObject({
      kind: 'embedded',
      udp: { host: '127.0.0.1', port: 5060 },
    });
    expect(config.trunks[0]).toMatchObject({
      codecs: ['pcma', 'pcmu'],
      minToneMs: 80,
      from: { user: 'caller', sendDisplayName: true },
    });
    expect(config.users[0]?.password).toBeInstanceOf(Secret);
    expect(config.users[0]?.password.reveal()).toBe('alice-password');
  });

  it('is frozen all the way down', () => {
    const config = parseConfig(BASE, 'test.yaml', {});
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(config)).toBe(true);
  });

  it('can name a real drachtio-server', () => {
    const server = `{ drachtio: { host: 10.0.0.5, secret: cymru, websocket: 'ws://10.0.0.5:5070' } }`;
    const text = BASE.replace('phone.example.org }', `phone.example.org, server: ${server} }`);
    expect(parseConfig(text, 'test.yaml', {}).sip.server).toMatchObject({
      kind: 'drachtio',
      host: '10.0.0.5',
      port: 9022,
      websocket: 'ws://10.0.0.5:5070',
    });
  });

  it('takes text from the environment, and $${ as it is', () => {
    const text = BASE.replace('alice-password', () => '"${PW}-$${PW}-${PW}"');
    const config = parseConfig(text, 'test.yaml', { PW: 'pass$&word' });
    expect(config.users[0]?.password.reveal()).toBe('pass$&word-${PW}-pass$&word');
  });
});

describe('each wrong setting is named with its path, line, value and what is allowed', () => {
  it.each([
    [
      'web: { prot: 1 }',
      'web.prot (line 11): is no known setting; did you mean port? allowed: host, port,',
    ],
    [
      'web: { max-connections: 1 }',
      'web.max-connections (line 11): is no known setting; did you mean maxConnections? allowed: ',
    ],
    ['colour: blue', 'colour (line 11): is no known setting, allowed: web, sip, media,'],
    [
      'web: { port: 70000 }',
      'web.port (line 11): is out of range, got 70000, allowed: a whole number from 0 to 65535 (0: any free port)',
    ],
    [
      'web: { port: "80" }',
      'web.port (line 11): has the wrong type, got "80", allowed: a whole number',
    ],
    [
      'web: { port: 80.5 }',
      'web.port (line 11): has the wrong type, got 80.5, allowed: a whole number',
    ],
    [
      'web: { host: example }',
      'web.host (line 11): is no IP address, got "example", allowed: an IPv4 or IPv6 address',
    ],
    [
      'web: { origins: anyone }',
      'web.origins (line 11): is not allowed, got "anyone", allowed: same-origin, or a list',
    ],
    [
      'web: { origins: [example.org] }',
      'web.origins[0] (line 11): is no origin, got "example.org", allowed: scheme, host and port only',
    ],
    [
      'web: { trustProxy: 1 }',
      'web.trustProxy (line 11): has the wrong type, got 1, allowed: true or false',
    ],
    [
      'web: { iceServers: [{ urls: ["http://x"] }] }',
      'web.iceServers[0].urls[0] (line 11): has the wrong form, got "http://x", allowed: a URL that begins with stun:',
    ],
    ['web: 5', 'web (line 11): has the wrong type, got 5, allowed: a mapping with host, port,'],
    ['web:', 'web (line 11): has the wrong type, got nothing, allowed: a mapping with host, port,'],
    [
      'media: { engine: janus }',
      'media.engine (line 11): is not allowed, got "janus", allowed: relay',
    ],
    [
      'media: { relay: { workers: 0 } }',
      'media.relay.workers (line 11): is out of range, got 0, allowed: auto (one per processor core), or a whole number from 1 to 64',
    ],
    [
      'limits: { maxCalls: -1 }',
      'limits.maxCalls (line 11): is out of range, got -1, allowed: a whole number from 1 to 100000',
    ],
    [
      'log: { level: loud }',
      'log.level (line 11): is not allowed, got "loud", allowed: trace, debug, info, warn, error, silent',
    ],
    [
      'websocketGraceSeconds: 1e9',
      'websocketGraceSeconds (line 11): is out of range, got 1000000000, allowed: a whole number from 0 to 300',
    ],
  ])('%s', (section, sentence) => {
    const error = problemsOf(withSection(section));
    expect(error.code).toBe('CL_CONFIG_INVALID');
    expect(error.problems).toHaveLength(1);
    expect(error.message).toContain(`test.yaml has 1 problem:\n  ${sentence}`);
  });

  it.each([
    [
      'sip: { domain: phone.example.org }',
      'sip: {}',
      'sip.domain (line 2): is missing, allowed: a host name',
    ],
    [
      'phone.example.org',
      'https://x',
      'sip.domain (line 2): has the wrong form, got "https://x", allowed: a host name or an IP address',
    ],
    [
      'phone.example.org',
      '999.1.1.1',
      'sip.domain (line 2): has the wrong form, got "999.1.1.1", allowed',
    ],
    [
      'phone.example.org }',
      'a, server: { drachtio: { host: b, secret: s } } }',
      'sip.server.drachtio.websocket (line 2): is missing, allowed: a URL such as ws://',
    ],
    [
      'phone.example.org }',
      'a, server: { embedded: {}, drachtio: { host: b, secret: s, websocket: "ws://b" } } }',
      'sip.server (line 2): names both embedded and drachtio, got a mapping, allowed: a mapping with embedded, drachtio',
    ],
    [
      'name: alice',
      'name: al ice',
      'users[0].name (line 4): has the wrong form, got "al ice", allowed: a name of 1 to 64',
    ],
    [
      'host: carrier.localhost',
      'host: a, codecs: [gsm]',
      'trunks[0].codecs[0] (line 6): is not allowed, got "gsm", allowed: opus, g722, pcmu, pcma',
    ],
    [
      'host: carrier.localhost',
      'host: a, codecs: []',
      'trunks[0].codecs (line 6): has the wrong length, got a list, allowed: a list of codecs (opus, g722, pcmu, pcma, l16-8000, l16-16000), best first, not empty',
    ],
    [
      'host: carrier.localhost',
      'host: a, headers: { Via: x }',
      'trunks[0].headers.Via (line 6): is written by the gateway itself, allowed: header names',
    ],
    [
      'host: carrier.localhost',
      'host: a, headers: { "X: a": x }',
      'trunks[0].headers.X: a (line 6): is no header name, allowed: header names',
    ],
    [
      'host: carrier.localhost',
      'host: a, headers: { X-A: "b\\r\\nVia: c" }',
      'trunks[0].headers.X-A (line 6): has the wrong form, allowed: text of at most 512',
    ],
    [
      'host: carrier.localhost',
      'host: a, from: { user: anonymous }',
      'trunks[0].from.user (line 6): has the wrong form, got "anonymous", allowed: caller (the number of the calling user), account (the user name of credentials), or a phone number in quotes',
    ],
    [
      'host: carrier.localhost',
      'host: a, ptimeMs: 25',
      'trunks[0].ptimeMs (line 6): is not allowed, got 25, allowed: 10, 20, 30, 40, 60',
    ],
    [
      'country: DE',
      'country: Germany',
      'dialplan.country (line 8): is no known country, got "Germany", allowed: an ISO 3166 country code',
    ],
    [
      "prefix: '+'",
      'prefix: 49',
      'dialplan.routes[0].prefix (line 10): has the wrong type, got 49, allowed: the beginning of an E.164 number in quotes',
    ],
  ])('%s -> %s', (before, after, sentence) => {
    const error = problemsOf(BASE.replace(before, after));
    expect(error.problems).toHaveLength(1);
    expect(error.message).toContain(`:\n  ${sentence}`);
  });

  it('lists all of them at once', () => {
    const error = problemsOf('web: { port: x, hots: y }\nusers: [{ name: alice }]');
    expect(error.problems.map(({ path }) => path).sort()).toEqual([
      'dialplan',
      'sip',
      'users[0].password',
      'web.hots',
      'web.port',
    ]);
  });
});

describe('the environment', () => {
  it('must have every variable that is referred to', () => {
    const text = BASE.replace('alice-password', '"${ALICE}"').replace(
      'carrier.localhost',
      '"${HOST}"',
    );
    const error = problemsOf(text, { OTHER: 'x' });
    expect(error.code).toBe('CL_CONFIG_ENV_MISSING');
    expect(error.message).toBe(
      [
        'test.yaml has 2 problems:',
        '  users[0].password (line 4): refers to ${ALICE}, but that environment variable is not set',
        '  trunks[0].host (line 6): refers to ${HOST}, but that environment variable is not set',
      ].join('\n'),
    );
  });

  it('gives text only, and the message shows the reference, not the value', () => {
    const error = problemsOf(withSection('web: { port: "${PORT}", host: "${HOST}" }'), {
      PORT: 'port-value',
      HOST: 'host-value',
    });
    expect(error.message).toContain(
      'web.port (line 11): has the wrong type (a ${...} reference always gives text), got "${PORT}"',
    );
    expect(error.message).toContain('web.host (line 11): is no IP address, got "${HOST}"');
    expect(error.message).not.toMatch(/(port|host)-value/);
  });

  it.each(['${}', '${1A}', '${A', '${A-B}'])('refuses the malformed reference %s', (reference) => {
    const error = problemsOf(withSection(`cdr: { file: "${reference}" }`), { A: 'x' });
    expect(error.code).toBe('CL_CONFIG_INVALID');
    expect(error.message).toContain(
      'cdr.file (line 11): has an incomplete reference, allowed: ${NAME}',
    );
  });
});

describe('text that is no YAML', () => {
  it.each([
    ['a: b: c', 'line 1: a mapping starts inside another value; check colons and indentation'],
    ['web:\n\tport: 1', 'line 2: YAML is indented with spaces, not with tabs'],
    ['web: {}\nweb: {}', 'line 2: the same key stands here a second time'],
    [
      'web: "abc',
      'line 1: a closing quote, bracket or brace, or a space after a colon, is missing',
    ],
    ['web: {}\n---\nweb: {}', 'line 2: only one YAML document is allowed'],
    ['\u0000\u0001', 'has the wrong type'],
    ['- a', 'has the wrong type, got a list, allowed: a mapping with web, sip'],
  ])('%j', (text, sentence) => {
    expect(problemsOf(text).message).toContain(sentence);
  });
});
