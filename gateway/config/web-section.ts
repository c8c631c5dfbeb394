import { z } from 'zod';
import { noted } from './field-notes.js';
import { origin } from './origin-field.js';
import { flag, ipAddress, listenPort, listOf, plainText, secret, wholeNumber } from './fields.js';

const turn = z
  .strictObject({
    urls: listOf(
      noted(z.string().regex(/^turns?:[^\s]+$/), {
        allowed: 'a URL that begins with turn: or turns:',
      }),
      { min: 1, of: 'TURN URLs' },
    ),
    secret: secret(16),
    ttlSeconds: wholeNumber(60, 604_800).default(3_600),
  })
  .exactOptional();

const iceServer = z.strictObject({
  urls: listOf(
    noted(z.string().regex(/^(stun|stuns|turn|turns):[^\s]+$/), {
      allowed: 'a URL that begins with stun:, stuns:, turn: or turns:',
    }),
    { min: 1, of: 'STUN or TURN URLs' },
  ),
  username: plainText(256).exactOptional(),
  credential: secret(1).exactOptional(),
});

/** `web`: the page, the API and the browsers' WebSocket, all on one port. */
export const webSection = z
  .strictObject({
    host: ipAddress().default('127.0.0.1'),
    port: listenPort().default(8080),
    origins: noted(z.union([z.literal('same-origin'), z.array(origin).min(1)]), {
      allowed: 'same-origin, or a list of origins such as https://phone.example.org',
    }).default('same-origin'),
    trustProxy: flag().default(false),
    iceServers: listOf(iceServer, { min: 0, of: 'ICE servers' }).default([]),
    api: z.strictObject({ token: secret(16) }).exactOptional(),
    turn,
    tokenKey: secret(32).exactOptional(),
    testNumber: noted(z.string().regex(/^\+?[\d*#]{1,20}$/), {
      allowed: 'a phone number, short code or extension in quotes',
    }).exactOptional(),
    frameLimitBytes: wholeNumber(1_024, 1_048_576).default(65_536),
    messagesPerSecond: wholeNumber(1, 10_000).default(50),
    maxConnections: wholeNumber(1, 1_000_000).default(1_000),
    maxConnectionsPerAddress: wholeNumber(1, 1_000_000).default(50),
    firstMessageTimeoutSeconds: wholeNumber(1, 300).default(10),
    pingIntervalSeconds: wholeNumber(1, 3_600).default(15),
    pongTimeoutSeconds: wholeNumber(1, 300).default(10),
    sendBacklogLimitBytes: wholeNumber(65_536, 67_108_864).default(1_048_576),
  })
  .prefault({});
