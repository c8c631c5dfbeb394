import { z } from 'zod';
import { wholeE164 } from './dialplan-fields.js';
import { noted } from './field-notes.js';
import { identifier, listOf, oneOf, plainText, secret, wholeNumber } from './fields.js';
import { hoursList } from './hours-fields.js';
import { origin } from './origin-field.js';
import { callerNumber } from './user-section.js';

const siteOrigin = noted(z.union([z.literal('same-origin'), origin]), {
  allowed: 'an origin such as https://shop.example, or same-origin for pages of this gateway',
});

/** What is dialled; it goes through the dialplan. */
const destinationNumber = noted(z.string().regex(/^\+?[\d*#]{1,20}$/), {
  allowed: 'a phone number, short code or extension in quotes',
});

const destination = z.strictObject({
  name: identifier(),
  label: plainText(64).exactOptional(),
  number: destinationNumber,
});

const texts = z.strictObject({
  button: plainText(40).exactOptional(),
  title: plainText(64).exactOptional(),
  closed: plainText(200).exactOptional(),
});

const quotas = z.strictObject({
  callsAtATime: wholeNumber(1, 1_000).default(5),
  perAddressPerHour: wholeNumber(1, 1_000).default(10),
  perDay: wholeNumber(1, 100_000).default(500),
});

function isHttps(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const turnstile = z.strictObject({
  verifyUrl: noted(z.string().refine(isHttps, 'is no web address'), {
    allowed: 'an address such as https://challenges.cloudflare.com/turnstile/v0/siteverify',
  }),
  secret: secret(1),
});

const site = z.strictObject({
  key: identifier(),
  origins: listOf(siteOrigin, { min: 1, of: 'origins such as https://shop.example' }),
  destinations: listOf(destination, { min: 1, of: 'destinations, each with name and number' }),
  defaultDestination: identifier().exactOptional(),
  callerId: callerNumber().exactOptional(),
  displayName: plainText(64).exactOptional(),
  language: oneOf(['auto', 'en', 'de', 'es', 'pt', 'fr', 'ja']).default('auto'),
  texts: texts.default({}),
  hours: hoursList().exactOptional(),
  quotas: quotas.prefault({}),
  maxDurationSeconds: wholeNumber(10, 86_400).default(1_800),
  challenge: oneOf(['none', 'proof-of-work', 'turnstile-like']).default('proof-of-work'),
  proofOfWorkBits: wholeNumber(1, 24).default(16),
  turnstile: turnstile.exactOptional(),
  tokenSeconds: wholeNumber(5, 300).default(60),
  publicNumber: wholeE164().exactOptional(),
});

/** `sites`: whose pages carry the click-to-call widget. */
export const sitesSection = listOf(site, { min: 0, of: 'sites' }).default([]);
