import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
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

describe('secrets', () => {
  const SECRET = 'Tr0ub4dor-hunter2';

  it.each([
    [`users: [{ name: a, password: *${SECRET} }]`],
    [`users: [{ name: a, password: !${SECRET} x }]`],
    [`users: [{ name: a, password: "${SECRET}`],
    [`users: [{ name: a, password: {a: b}${SECRET} }]`],
    [`users: [{ name: a, password: [${SECRET}] }]`],
    [`users: [{ name: a, password: { is: ${SECRET} } }]`],
    [`users: ${SECRET}: x`],
    [`users: [{ name: a, passwort: ${SECRET} }]`],
    [`users: [{ name: a, password: ${SECRET.repeat(20)} }]`],
    [`trunks: [{ name: a, host: b, credentials: [ ${SECRET} ] }]`],
    [`trunks: [{ name: a, host: b, credentials: { username: c, pass: ${SECRET} } }]`],
    [`trunks: [{ name: a, host: b, headers: { X-Key: "${SECRET}\\n" } }]`],
    [`sip: { domain: d, server: { drachtio: { secret: ${SECRET} } } }`],
    [`sip: { domain: d, server: { drachtio: { secret: ${SECRET}, websocket: x } } }`],
    [`web: { iceServers: [{ urls: [], credential: ${SECRET} }] }`],
    [`web: { iceServers: [{ urls: ["turn:x"], credential: [${SECRET}] }] }`],
  ])('are in no message, however wrong the file: %s', (text) => {
    const error = problemsOf(text);
    const everything = `${error.message} ${String(error.stack)} ${inspect(error, { depth: 10 })}`;
    expect(everything).not.toContain(SECRET);
  });

  it('are not printed with the settings', () => {
    const text = BASE.replace('alice-password', SECRET).replace(
      'host: carrier.localhost',
      `host: localhost, credentials: { username: b, password: ${SECRET} }`,
    );
    const config = parseConfig(text, 'test.yaml', {});
    expect(JSON.stringify(config) + inspect(config, { depth: 10 })).not.toContain(SECRET);
    expect(config.trunks[0]?.credentials?.password.reveal()).toBe(SECRET);
  });
});
