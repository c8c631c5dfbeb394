import { z } from 'zod';
import { noted } from './field-notes.js';
import { flag, host, identifier, listOf, oneOf, remotePort, wholeNumber } from './fields.js';
import { credentials, inboundSection } from './trunk-inbound-section.js';
import { callerNumber } from './user-section.js';

/** Headers that the gateway writes itself; a second one would contradict the first. */
const OWN_HEADERS = new Set(
  [
    'via from to call-id cseq contact max-forwards route record-route content-type content-length',
    'authorization proxy-authorization require supported allow session-expires min-se',
    // The same in compact form (RFC 3261 section 7.3.3, RFC 4028).
    'v f t i m c l k x',
  ].flatMap((line) => line.split(' ')),
);

const headerName = noted(
  z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'is no header name')
    .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'is written by the gateway itself'),
  { allowed: 'header names of letters, digits and hyphens that the gateway does not write itself' },
);

const headerValue = noted(
  z
    .string()
    .max(512)
    .regex(/^\P{Cc}*$/u),
  { allowed: 'text of at most 512 characters on one line', secret: true },
);

const fromUser = z
  .union([z.literal('caller'), callerNumber()])
  .transform((user) => (user === 'caller' ? user : { fixed: user }));

const from = z
  .strictObject({
    user: noted(fromUser, {
      allowed: 'caller (the number of the calling user), or a phone number in quotes',
    }).prefault('caller'),
    domain: host().exactOptional(),
    sendDisplayName: flag().default(true),
  })
  .prefault({});

const SIP_URI = /^sip:[^\s;?@]+(;[^\s?@]*)?$/;

/** As they are called in a=crypto (RFC 4568, RFC 7714). */
const SRTP_SUITES = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const;

const trunk = z.strictObject({
  name: identifier(),
  host: host(),
  port: remotePort().exactOptional(),
  transport: oneOf(['udp', 'tcp', 'tls']).default('udp'),
  codecs: listOf(oneOf(['opus', 'g722', 'pcmu', 'pcma']), {
    min: 1,
    of: 'codecs (opus, g722, pcmu, pcma), best first',
  }).default(['pcma', 'pcmu']),
  media: oneOf(['passthrough', 'opus-to-browser']).default('passthrough'),
  srtp: oneOf(['off', 'offered', 'required']).default('off'),
  srtpSuites: listOf(oneOf(SRTP_SUITES), {
    min: 1,
    of: `SRTP suites (${SRTP_SUITES.join(', ')}), best first`,
  }).default([...SRTP_SUITES]),
  dtmf: oneOf(['auto', 'rfc4733', 'info', 'info-dtmf', 'inband']).default('auto'),
  minToneMs: wholeNumber(40, 6_000).default(80),
  minGapMs: wholeNumber(20, 6_000).default(60),
  ptimeMs: noted(z.literal([10, 20, 30, 40, 60]), { allowed: '10, 20, 30, 40, 60' }).default(20),
  numberFormat: oneOf(['e164', 'e164-without-plus', 'as-is']).default('e164'),
  hold: oneOf(['forward', 'local']).default('forward'),
  transfer: oneOf(['refuse', 'follow']).default('refuse'),
  reliableProvisionals: oneOf(['supported', 'off', 'required']).default('supported'),
  from,
  credentials: credentials.exactOptional(),
  outboundProxy: noted(z.string().regex(SIP_URI), {
    allowed: 'a SIP URI such as sip:proxy.example.org:5060',
  }).exactOptional(),
  noAnswerTimeoutSeconds: wholeNumber(5, 600).default(60),
  noResponseTimeoutSeconds: wholeNumber(1, 32).default(8),
  headers: noted(z.record(headerName, headerValue), {
    allowed: 'a mapping of header names to text',
  }).default({}),
  inbound: inboundSection,
});

/** `trunks`: the carriers and PBXs that calls are sent to. */
export const trunksSection = listOf(trunk, { min: 0, of: 'trunks' }).default([]);
