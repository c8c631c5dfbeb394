import { z } from 'zod';
import { noted } from './field-notes.js';
import { identifier, listOf, oneOf, plainText, wholeNumber } from './fields.js';
import { callerNumber } from './user-section.js';

const calledNumber = noted(z.string().regex(/^(?:\+?\d{1,15}\*?|\*)$/), {
  allowed: 'a phone number or extension in quotes, or its beginning followed by *, or "*" for all',
});

/** What becomes of a call: exactly one of user, group and refuse. */
const number = z.strictObject({
  name: identifier(),
  numbers: listOf(calledNumber, { min: 1, of: 'called numbers' }),
  trunks: listOf(identifier(), { min: 1, of: 'trunk names' }).exactOptional(),
  user: identifier().exactOptional(),
  group: identifier().exactOptional(),
  refuse: plainText(200).exactOptional(),
  fallback: callerNumber().exactOptional(),
});

const member = z.strictObject({ user: identifier(), weight: wholeNumber(1, 1_000).default(1) });

const group = z.strictObject({
  name: identifier(),
  strategy: oneOf(['simultaneous', 'sequential', 'weighted']).default('simultaneous'),
  members: listOf(member, { min: 1, of: 'members, each with user and perhaps weight' }),
  memberRingSeconds: wholeNumber(5, 300).default(20),
});

/** `inbound`: which users the numbers of the trunks ring. */
export const inboundCallsSection = z
  .strictObject({
    numbers: listOf(number, { min: 0, of: 'rules for called numbers' }).default([]),
    groups: listOf(group, { min: 0, of: 'ring groups' }).default([]),
    ringSeconds: wholeNumber(5, 600).default(60),
    reconnectSeconds: wholeNumber(0, 60).default(5),
  })
  .prefault({});
