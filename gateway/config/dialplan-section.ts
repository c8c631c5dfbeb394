import { isSupportedCountry } from 'libphonenumber-js';
import { z } from 'zod';
import { noted } from './field-notes.js';
import { identifier, listOf, plainText } from './fields.js';

const country = noted(z.string().refine(isSupportedCountry, 'is no known country'), {
  allowed: 'an ISO 3166 country code of two capital letters, such as DE, FR or US',
});

const prefix = noted(z.string().regex(/^\+\d{0,15}$/), {
  allowed: 'the beginning of an E.164 number in quotes, such as "+4930", or "+" for all',
});

const shortCode = noted(z.string().regex(/^[\d*#]{1,12}$/), {
  allowed: '1 to 12 of the characters 0-9 * # (in quotes)',
});

/** What a rule applies to: exactly one of prefix and short, and the callers when not all. */
const match = {
  name: identifier(),
  prefix: prefix.exactOptional(),
  short: listOf(shortCode, { min: 1, of: 'short codes' }).exactOptional(),
  users: listOf(identifier(), { min: 1, of: 'user names' }).exactOptional(),
};

const route = z.strictObject({
  ...match,
  trunks: listOf(identifier(), { min: 1, of: 'trunk names, in the order to try them' }),
});

const refusal = z.strictObject({ ...match, reason: plainText(200) });

/** `dialplan`: what a dialled number means and where it goes. */
export const dialplanSection = z.strictObject({
  country,
  routes: listOf(route, { min: 0, of: 'routes' }).default([]),
  refuse: listOf(refusal, { min: 0, of: 'refusals' }).default([]),
});
