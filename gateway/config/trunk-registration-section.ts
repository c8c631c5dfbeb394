import { z } from 'zod';
import { noted } from './field-notes.js';
import { flag, listOf, oneOf, plainText, wholeNumber } from './fields.js';

const SIP_URI = /^sip:[^\s;?@]+(;[^\s?@]*)?$/;

/** A next hop or a registrar: a SIP URI without a user. */
export function serverUri(): z.ZodString {
  return noted(z.string().regex(SIP_URI), {
    allowed: 'a SIP URI such as sip:proxy.example.org:5060',
  });
}

/** `trunks[].registration`: the gateway registers at the carrier. Not set: it does not. */
export const registrationPolicySection = z.strictObject({
  registrars: listOf(serverUri(), { min: 0, of: 'SIP URIs' }).default([]),
  mode: oneOf(['in-order', 'all']).default('in-order'),
  expiresSeconds: wholeNumber(60, 86_400).default(600),
  user: plainText(128).exactOptional(),
  contactUser: plainText(64).exactOptional(),
});

/** `trunks[].health`: OPTIONS to learn whether the trunk is there. */
export const healthSection = z
  .strictObject({
    optionsIntervalSeconds: wholeNumber(0, 3_600).default(0),
    timeoutSeconds: wholeNumber(1, 32).default(5),
    retrySeconds: wholeNumber(1, 300).default(5),
    failuresToDown: wholeNumber(1, 20).default(3),
  })
  .prefault({});

/** `trunks[].limits`; 0 is no limit. */
export const trunkLimitsSection = z
  .strictObject({
    maxCalls: wholeNumber(0, 100_000).default(0),
    callsPerSecond: wholeNumber(0, 10_000).default(0),
  })
  .prefault({});

/** `trunks[].identity`: how the caller is named, and hidden, beside From. */
export const identitySection = z
  .strictObject({
    headers: listOf(oneOf(['pai', 'ppi', 'rpid']), { min: 0, of: 'pai, ppi, rpid' }).default([]),
    anonymous: oneOf(['from', 'privacy']).default('from'),
    diversion: flag().default(false),
  })
  .prefault({});
