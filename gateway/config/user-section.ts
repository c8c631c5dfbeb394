import { z } from 'zod';
import { noted } from './field-notes.js';
import { identifier, listOf, oneOf, plainText, secret } from './fields.js';

/** A number as a carrier sees it in From: E.164, or a short number inside a PBX. */
export function callerNumber(): z.ZodString {
  return noted(z.string().regex(/^\+?\d{1,15}$/), {
    allowed: 'a phone number of 1 to 15 digits, with or without + (in quotes)',
  });
}

const extension = noted(z.string().regex(/^[\d*#]{1,12}$/), {
  allowed: '1 to 12 of the characters 0-9 * # (in quotes)',
});

const user = z.strictObject({
  name: identifier(),
  password: secret(8),
  displayName: plainText(64).exactOptional(),
  callerId: callerNumber().exactOptional(),
  extension: extension.exactOptional(),
  media: oneOf(['passthrough', 'opus-to-browser']).default('passthrough'),
});

/** `users`: who may sign in from a browser. */
export const usersSection = listOf(user, { min: 0, of: 'users' }).default([]);
