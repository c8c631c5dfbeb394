import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { browserAddress, isLocalRequest } from './peer-address.js';

const request = (remoteAddress: string | undefined, headers: IncomingMessage['headers'] = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

describe('browserAddress', () => {
  it.each([
    ['10.0.0.1, 203.0.113.5', '203.0.113.5'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
    ['203.0.113.5, made up', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('behind a proxy that sends %j is %s', (forwarded, address) => {
    const proxied = request('::ffff:127.0.0.1', { 'x-forwarded-for': forwarded });
    expect(browserAddress(proxied, true)).toBe(address);
    expect(browserAddress(proxied, false)).toBe('127.0.0.1');
  });

  it('survives a socket that is gone', () => {
    expect(browserAddress(request(undefined), true)).toBe('');
  });
});

describe('isLocalRequest', () => {
  it.each([
    ['127.0.0.1', 'localhost:8080', true],
    ['::1', '[::1]:8080', true],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', 'phone.localhost', true],
    ['127.0.0.1', 'localhost.evil.example', false],
    ['127.0.0.1', 'evil.example:8080', false],
    ['192.0.2.1', 'localhost:8080', false],
  ])('from %s for %s: %s', (address, host, local) => {
    expect(isLocalRequest(request(address, { host }))).toBe(local);
  });

  it('is never true without a Host', () => {
    expect(isLocalRequest(request('127.0.0.1'))).toBe(false);
  });
});
