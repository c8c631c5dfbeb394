import { z } from 'zod';
import { noted } from './field-notes.js';
import {
  absolutePath,
  flag,
  host,
  ipAddress,
  listenPort,
  listOf,
  oneOf,
  remotePort,
  secret,
} from './fields.js';

const place = {
  host: ipAddress().default('127.0.0.1'),
  port: listenPort().default(5060),
  advertised: host().exactOptional(),
};

const tls = z.strictObject({
  ...place,
  port: listenPort().default(5061),
  certificates: listOf(z.strictObject({ certFile: absolutePath(), keyFile: absolutePath() }), {
    min: 1,
    of: 'certificates, each with certFile and keyFile',
  }),
  clientCertificates: oneOf(['ignore', 'request', 'require']).default('ignore'),
  caFile: absolutePath().exactOptional(),
  verifyServers: flag().default(true),
});

const embedded = z.strictObject({
  udp: z.strictObject(place).prefault({}),
  tcp: z.strictObject(place).exactOptional(),
  tls: tls.exactOptional(),
});

function isWebSocketUrl(text: string): boolean {
  try {
    const url = new URL(text);
    const scheme = url.protocol === 'ws:' || url.protocol === 'wss:';
    return scheme && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

const drachtio = z.strictObject({
  host: host(),
  port: remotePort().default(9022),
  secret: secret(1),
  websocket: noted(z.string().refine(isWebSocketUrl, 'is no WebSocket URL'), {
    allowed: 'a URL such as ws://10.0.0.5:5070 or wss://sip.example.org',
  }),
});

const server = z
  .strictObject({ embedded: embedded.exactOptional(), drachtio: drachtio.exactOptional() })
  .refine(
    (given) => given.embedded === undefined || given.drachtio === undefined,
    'names both embedded and drachtio',
  )
  .transform((given) =>
    given.drachtio === undefined
      ? { kind: 'embedded' as const, ...(given.embedded ?? embedded.parse({})) }
      : { kind: 'drachtio' as const, ...given.drachtio },
  )
  .prefault({});

/** `sip`: the domain of the browser users, and the SIP server that the gateway speaks through. */
export const sipSection = z.strictObject({ domain: host(), server });
