import { z } from 'zod';
import { countryCode } from './dialplan-fields.js';
import { noted } from './field-notes.js';
import { flag, host, identifier, listOf, oneOf, remotePort, wholeNumber } from './fields.js';
import { credentials, inboundSection } from './trunk-inbound-section.js';
import { PROFILE_NAMES, withProfile } from './trunk-profiles/trunk-profiles.js';
import {
  healthSection,
  identitySection,
  registrationPolicySection,
  serverUri,
  trunkLimitsSection,
} from './trunk-registration-section.js';
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

/** What a header value may name in braces. */
const TEMPLATE_FACTS = new Set(['caller.user', 'caller.number', 'called.number', 'trunk']);

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
    .regex(/^\P{Cc}*$/u)
    .refine(
      (text) =>
        [...text.matchAll(/\{([^{}]*)\}/g)].every(([, name]) => TEMPLATE_FACTS.has(name ?? '')),
      'has an unknown name in braces',
    ),
  {
    allowed: `text of at most 512 characters on one line, with ${[...TEMPLATE_FACTS].map((name) => `{${name}}`).join(', ')}`,
    secret: true,
  },
);

const numberFormat = () =>
  oneOf([
    'e164',
    'e164-without-plus',
    'national',
    'international-00',
    'international-011',
    'as-is',
  ]);

const techPrefix = noted(z.string().regex(/^[0-9*#]{0,16}$/), {
  allowed: 'at most 16 of the characters 0 to 9, * and # (in quotes)',
});

const fromUser = z
  .union([z.literal('caller'), z.literal('account'), callerNumber()])
  .transform((user) => (user === 'caller' || user === 'account' ? user : { fixed: user }));

const from = z
  .strictObject({
    user: noted(fromUser, {
      allowed:
        'caller (the number of the calling user), account (the user name of credentials), or a phone number in quotes',
    }).prefault('caller'),
    domain: host().exactOptional(),
    numberFormat: numberFormat().exactOptional(),
    sendDisplayName: flag().default(true),
  })
  .prefault({});

/** As they are called in a=crypto (RFC 4568, RFC 7714). */
const SRTP_SUITES = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const;

const CODECS = ['opus', 'g722', 'pcmu', 'pcma', 'l16-8000', 'l16-16000'] as const;

const trunkFields = z.strictObject({
  name: identifier(),
  profile: oneOf(PROFILE_NAMES).exactOptional(),
  host: host(),
  port: remotePort().exactOptional(),
  transport: oneOf(['udp', 'tcp', 'tls']).default('udp'),
  codecs: listOf(oneOf(CODECS), {
    min: 1,
    of: `codecs (${CODECS.join(', ')}), best first`,
  }).default(['pcma', 'pcmu']),
  media: oneOf(['passthrough', 'opus-to-browser']).default('passthrough'),
  srtp: oneOf(['off', 'offered', 'required']).default('off'),
  srtpSuites: listOf(oneOf(SRTP_SUITES), {
    min: 1,
    of: `SRTP suites (${SRTP_SUITES.join(', ')}), best first`,
  }).default([...SRTP_SUITES]),
  rtcpMux: flag().default(false),
  comfortNoise: flag().default(false),
  dtmf: oneOf(['auto', 'rfc4733', 'info', 'info-dtmf', 'inband']).default('auto'),
  minToneMs: wholeNumber(40, 6_000).default(80),
  minGapMs: wholeNumber(20, 6_000).default(60),
  ptimeMs: noted(z.literal([10, 20, 30, 40, 60]), { allowed: '10, 20, 30, 40, 60' }).default(20),
  hold: oneOf(['forward', 'local']).default('forward'),
  transfer: oneOf(['refuse', 'follow']).default('refuse'),
  reliableProvisionals: oneOf(['supported', 'off', 'required']).default('supported'),
  delayedOffer: flag().default(false),
  numberFormat: numberFormat().default('e164'),
  country: countryCode().exactOptional(),
  stripDigits: wholeNumber(0, 15).default(0),
  techPrefix: techPrefix.default(''),
  userPhone: flag().default(false),
  from,
  credentials: credentials.exactOptional(),
  outboundProxy: serverUri().exactOptional(),
  noAnswerTimeoutSeconds: wholeNumber(5, 600).default(60),
  noResponseTimeoutSeconds: wholeNumber(1, 32).default(8),
  headers: noted(z.record(headerName, headerValue), {
    allowed: 'a mapping of header names to text',
  }).default({}),
  inbound: inboundSection,
  identity: identitySection,
  registration: registrationPolicySection.exactOptional(),
  health: healthSection,
  limits: trunkLimitsSection,
  weight: wholeNumber(1, 1_000).default(1),
});

/** The settings of the profile first; what the trunk says itself goes before them. */
const trunk = z.preprocess(withProfile, trunkFields) as unknown as z.ZodType<
  z.output<typeof trunkFields>,
  z.input<typeof trunkFields>
>;

/** `trunks`: the carriers and PBXs that calls are sent to. */
export const trunksSection = listOf(trunk, { min: 0, of: 'trunks' }).default([]);
