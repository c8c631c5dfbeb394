import { z } from 'zod';
import { embeddedSipSection } from './embedded-sip-section.js';
import { noted } from './field-notes.js';
import { host, remotePort, secret } from './fields.js';

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
  .strictObject({
    embedded: embeddedSipSection.exactOptional(),
    drachtio: drachtio.exactOptional(),
  })
  .refine(
    (given) => given.embedded === undefined || given.drachtio === undefined,
    'names both embedded and drachtio',
  )
  .transform((given) =>
    given.drachtio === undefined
      ? { kind: 'embedded' as const, ...(given.embedded ?? embeddedSipSection.parse({})) }
      : { kind: 'drachtio' as const, ...given.drachtio },
  )
  .prefault({});

/** `sip`: the domain of the browser users, and the SIP server that the gateway speaks through. */
export const sipSection = z.strictObject({ domain: host(), server });
