import { z } from 'zod';
import { dialplanRule, ruleTrunks } from './dialplan-rule-section.js';
import { countryCode, numberPrefix, openableFile, shortCode, timezone } from './dialplan-fields.js';
import { noted } from './field-notes.js';
import { identifier, listOf, oneOf, plainText, wholeNumber } from './fields.js';

/** What a rule of the short form applies to: exactly one of prefix and short, and the callers when not all. */
const match = {
  name: identifier(),
  prefix: numberPrefix().exactOptional(),
  short: listOf(shortCode(), { min: 1, of: 'short codes' }).exactOptional(),
  users: listOf(identifier(), { min: 1, of: 'user names' }).exactOptional(),
};

const route = z.strictObject({
  ...match,
  trunks: ruleTrunks(),
  order: oneOf(['in-order', 'by-weight']).default('in-order'),
});

const refusal = z.strictObject({ ...match, reason: plainText(200) });

const numberSet = z.strictObject({
  countries: listOf(countryCode(), { min: 1, of: 'countries' }).exactOptional(),
  prefixes: listOf(numberPrefix(), { min: 1, of: 'prefixes' }).exactOptional(),
});

const guard = z.strictObject({
  allow: numberSet.exactOptional(),
  deny: numberSet.exactOptional(),
  open: listOf(numberPrefix(), { min: 1, of: 'prefixes' }).exactOptional(),
});

const emergency = z.strictObject({
  numbers: listOf(shortCode(), { min: 1, of: 'emergency numbers' }).exactOptional(),
  trunks: ruleTrunks(),
});

const rates = z.strictObject({
  trunk: identifier(),
  file: openableFile(),
  quality: wholeNumber(0, 100).default(50),
});

/** `dialplan`: what a dialled number means and where it goes. */
export const dialplanSection = z.strictObject({
  country: countryCode(),
  timezone: timezone().default('UTC'),
  groups: noted(z.record(identifier(), listOf(identifier(), { min: 1, of: 'user names' })), {
    allowed: 'a mapping of group names to lists of user names',
  }).default({}),
  emergency: emergency.exactOptional(),
  guard: guard.exactOptional(),
  rules: listOf(dialplanRule, { min: 0, of: 'rules' }).default([]),
  routes: listOf(route, { min: 0, of: 'routes' }).default([]),
  refuse: listOf(refusal, { min: 0, of: 'refusals' }).default([]),
  rates: listOf(rates, { min: 0, of: 'rate decks, each with trunk and file' }).default([]),
  tests: openableFile().exactOptional(),
});
