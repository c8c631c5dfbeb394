import { expect, it } from 'vitest';
import { parseConfig } from './parse.js';

const SMALLEST = `
sip: { domain: phone.example.org }
users: [{ name: alice, password: alice-password }]
trunks: [{ name: carrier, host: carrier.localhost }]
dialplan: { country: DE, routes: [{ name: all, prefix: '+', trunks: [carrier] }] }
`;

it('let a silent network be known for a lost WebSocket, which a page may come back from, before its media is missed', () => {
  const { web, media } = parseConfig(SMALLEST, 'test.yaml', {});
  const { pingIntervalSeconds, pongTimeoutSeconds } = web;
  expect(pingIntervalSeconds + pongTimeoutSeconds).toBeLessThan(media.relay.timeoutSeconds);
});
