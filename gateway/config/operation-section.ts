import { z } from 'zod';
import { ipAddress, listenPort, oneOf, plainText, wholeNumber } from './fields.js';

/** `limits`: what one gateway, one user and one call may use. */
export const limitsSection = z
  .strictObject({
    maxCalls: wholeNumber(1, 100_000).default(500),
    maxCallsPerUser: wholeNumber(1, 1_000).default(4),
    maxCallDurationSeconds: wholeNumber(10, 604_800).default(14_400),
  })
  .prefault({});

/** `registration`: how long a REGISTER may last, and how many browsers a user may have. */
export const registrationSection = z
  .strictObject({
    minExpiresSeconds: wholeNumber(10, 86_400).default(60),
    maxExpiresSeconds: wholeNumber(10, 86_400).default(3_600),
    defaultExpiresSeconds: wholeNumber(10, 86_400).default(600),
    maxContactsPerUser: wholeNumber(1, 100).default(10),
  })
  .prefault({});

/** `log`: lines on standard output. */
export const logSection = z
  .strictObject({
    level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .prefault({});

/** `cdr`: one JSON line per call. */
export const cdrSection = z
  .strictObject({ file: plainText(1_024).default('data/cdr.jsonl') })
  .prefault({});

/** `metrics`: for Prometheus, on a port of their own; left out, there are none. */
export const metricsSection = z
  .strictObject({
    host: ipAddress().default('127.0.0.1'),
    port: listenPort().default(9464),
  })
  .exactOptional();
