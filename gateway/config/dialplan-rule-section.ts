import { z } from 'zod';
import { countryCode, numberPrefix, pattern, shortCode, wholeE164 } from './dialplan-fields.js';
import { noted } from './field-notes.js';
import { hoursList } from './hours-fields.js';
import { identifier, listOf, oneOf, plainText, wholeNumber } from './fields.js';

export function ruleTrunks(): z.ZodArray<z.ZodString> {
  return listOf(identifier(), { min: 1, of: 'trunk names, in the order to try them' });
}

const types = oneOf([
  'fixed-line',
  'mobile',
  'toll-free',
  'premium-rate',
  'shared-cost',
  'voip',
  'personal',
  'pager',
  'company',
  'voicemail',
  'unknown',
]);

/** All of those that are given must hold. */
const conditions = {
  prefixes: listOf(numberPrefix(), { min: 1, of: 'prefixes' }).exactOptional(),
  numbers: listOf(wholeE164(), { min: 1, of: 'E.164 numbers' }).exactOptional(),
  pattern: pattern().exactOptional(),
  countries: listOf(countryCode(), { min: 1, of: 'countries' }).exactOptional(),
  types: listOf(types, { min: 1, of: 'number types' }).exactOptional(),
  short: listOf(shortCode(), { min: 1, of: 'short codes' }).exactOptional(),
  shortPattern: pattern().exactOptional(),
  users: listOf(identifier(), { min: 1, of: 'user names' }).exactOptional(),
  groups: listOf(identifier(), { min: 1, of: 'groups' }).exactOptional(),
  origins: listOf(oneOf(['user', 'widget', 'trunk']), { min: 1, of: 'origins' }).exactOptional(),
  sites: listOf(identifier(), { min: 1, of: 'site keys' }).exactOptional(),
  hours: hoursList().exactOptional(),
};

const amount = noted(z.number().min(0).max(1_000_000), { allowed: 'an amount of 0 or more' });

const leastCost = z.strictObject({
  trunks: ruleTrunks().exactOptional(),
  prefer: oneOf(['price', 'quality']).default('price'),
  maxRate: amount.exactOptional(),
  minQuality: wholeNumber(0, 100).exactOptional(),
  fallback: ruleTrunks().exactOptional(),
});

/** One rule of the ordered list. */
export const dialplanRule = z.strictObject({
  name: identifier(),
  ...conditions,
  rewrite: z
    .strictObject({
      pattern: pattern(),
      to: noted(z.string().regex(/^[\d*#+$]{0,40}$/), {
        allowed: 'digits, *, #, +, and $1 to $9 for groups of the pattern',
      }),
    })
    .exactOptional(),
  trunks: ruleTrunks().exactOptional(),
  order: oneOf(['in-order', 'by-weight']).default('in-order'),
  leastCost: leastCost.exactOptional(),
  refuse: plainText(200).exactOptional(),
});
