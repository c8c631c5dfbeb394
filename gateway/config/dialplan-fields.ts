import { isSupportedCountry, type CountryCode } from 'libphonenumber-js';
import { z } from 'zod';
import { noted } from './field-notes.js';

/** Building blocks of the dialplan's settings. */

export function countryCode(): z.ZodType<CountryCode, string> {
  return noted(z.string().refine(isSupportedCountry, 'is no known country'), {
    allowed: 'an ISO 3166 country code of two capital letters, such as DE, FR or US',
  });
}

export function numberPrefix(): z.ZodString {
  return noted(z.string().regex(/^\+\d{0,15}$/), {
    allowed: 'the beginning of an E.164 number in quotes, such as "+4930", or "+" for all',
  });
}

export function wholeE164(): z.ZodString {
  return noted(z.string().regex(/^\+\d{3,15}$/), {
    allowed: 'an E.164 number in quotes, such as "+4930123456"',
  });
}

export function shortCode(): z.ZodString {
  return noted(z.string().regex(/^[\d*#]{1,12}$/), {
    allowed: '1 to 12 of the characters 0-9 * # (in quotes)',
  });
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Of the operator, for numbers of at most 16 characters: it is not checked for how long it takes. */
export function pattern(): z.ZodString {
  return noted(z.string().min(1).max(256).refine(isPattern, 'is no regular expression'), {
    allowed: "a regular expression in single quotes, such as '^\\+4930'",
  });
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

export function timezone(): z.ZodString {
  return noted(z.string().refine(isTimezone, 'is no known time zone'), {
    allowed: 'an IANA time zone such as Europe/Berlin, or UTC',
  });
}

export function timeOfDay(): z.ZodString {
  return noted(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/), {
    allowed: 'a time in quotes from "00:00" to "24:00"',
  });
}

/** A file beside the configuration file, unless it is absolute. */
export function openableFile(): z.ZodString {
  return noted(
    z
      .string()
      .min(1)
      .max(4096)
      .regex(/^\P{Cc}*$/u),
    { allowed: 'the path of a file, relative to the configuration file or absolute' },
  );
}
