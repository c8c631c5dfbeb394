import {
  ParseError,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
  type CountryCode,
} from 'libphonenumber-js';

export type NormalisedNumber =
  | { kind: 'e164'; /** With `+`. */ number: string }
  | {
      kind: 'defect';
      /** 484 when more digits could make it a number, else 404 (RFC 3261 sections 21.4.22, 21.4.5). */
      sipStatus: 404 | 484;
      /** One sentence that names the defect. */
      sentence: string;
    };

/** Spaces of all kinds and the punctuation that people write into numbers. */
const PUNCTUATION = /[\s\u200B-\u200F\u202A-\u202E\u2010-\u2015\u2060-\u2069\uFEFF\-./()]/gu;

/** Longest text that could still be a number: 15 digits with an international prefix, and some more. */
const LONGEST = 32;

/** `+` and 15 digits, ITU-T E.164 section 6. */
const LONGEST_E164 = 16;

/**
 * The digits of what was dialled: punctuation removed, full-width forms (as some keyboards type them)
 * made plain. Letters and other characters stay.
 */
export function bareNumber(dialled: string): string {
  return dialled.normalize('NFKC').replace(PUNCTUATION, '');
}

/** A bare number in E.164, as if it was dialled in `country` (national, 00 or what that country uses, +). */
export function normalise(bare: string, country: CountryCode): NormalisedNumber {
  const defect = formDefect(bare);
  if (defect !== undefined) return { kind: 'defect', ...defect };
  try {
    const number = parse(bare, country);
    const length = validatePhoneNumberLength(number);
    if (length !== undefined) return { kind: 'defect', ...lengthDefect(bare, length) };
    if (number.length > LONGEST_E164) return { kind: 'defect', ...lengthDefect(bare, 'TOO_LONG') };
    // A number that a second reading shortens (+49 000...: each takes a trunk prefix off) is nobody's.
    if (parse(number, country) === number) return { kind: 'e164', number };
    return { kind: 'defect', ...lengthDefect(bare, 'NOT_A_NUMBER') };
  } catch (error) {
    const reason = error instanceof ParseError ? error.message : 'NOT_A_NUMBER';
    return { kind: 'defect', ...lengthDefect(bare, reason) };
  }
}

function parse(text: string, country: CountryCode): string {
  return parsePhoneNumberWithError(text, { defaultCountry: country }).number;
}

interface Defect {
  sipStatus: 404 | 484;
  sentence: string;
}

function formDefect(bare: string): Defect | undefined {
  if (bare === '') return { sipStatus: 484, sentence: 'The number is empty.' };
  const wrong = /[^\d+]/u.exec(bare)?.[0];
  if (wrong !== undefined) {
    const kind = /\p{L}/u.test(wrong) ? 'the letter' : 'the character';
    const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(wrong) ? ` ${wrong}` : ' that cannot be shown';
    return {
      sipStatus: 404,
      sentence: `The number contains ${kind}${shown}, allowed are digits and +.`,
    };
  }
  if (bare.lastIndexOf('+') > 0) {
    return {
      sipStatus: 404,
      sentence: `The number ${shorten(bare)} has a + inside; it belongs in front.`,
    };
  }
  if (bare.length > LONGEST) {
    return { sipStatus: 404, sentence: `The number ${shorten(bare)} is too long.` };
  }
  return undefined;
}

function lengthDefect(bare: string, reason: string): Defect {
  switch (reason) {
    case 'TOO_SHORT':
      return {
        sipStatus: 484,
        sentence: `The number ${bare} is too short for a phone number and is no known short code.`,
      };
    case 'TOO_LONG':
      return { sipStatus: 404, sentence: `The number ${bare} is too long for its country.` };
    case 'INVALID_COUNTRY':
      return { sipStatus: 404, sentence: `The number ${bare} begins with no known country code.` };
    case 'INVALID_LENGTH':
      return {
        sipStatus: 484,
        sentence: `The number ${bare} has a length that its country does not use.`,
      };
    default:
      return { sipStatus: 404, sentence: `${bare} is no phone number and no known short code.` };
  }
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
