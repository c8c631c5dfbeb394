import { parsePhoneNumberWithError, type PhoneNumberType } from 'libphonenumber-js/max';
import type { NumberType } from './dialplan-config.js';

/** What is known of an E.164 number beyond its digits. */
export interface NumberFacts {
  /** ISO 3166 alpha-2; undefined for international networks such as +881 and for unassigned numbers. */
  country: string | undefined;
  /** Two where a country does not tell fixed lines from mobiles. */
  types: readonly NumberType[];
}

const TYPES: Record<PhoneNumberType, readonly NumberType[]> = {
  FIXED_LINE: ['fixed-line'],
  MOBILE: ['mobile'],
  FIXED_LINE_OR_MOBILE: ['fixed-line', 'mobile'],
  TOLL_FREE: ['toll-free'],
  PREMIUM_RATE: ['premium-rate'],
  SHARED_COST: ['shared-cost'],
  VOIP: ['voip'],
  PERSONAL_NUMBER: ['personal'],
  PAGER: ['pager'],
  UAN: ['company'],
  VOICEMAIL: ['voicemail'],
};

const UNKNOWN: NumberFacts = { country: undefined, types: ['unknown'] };

/** Looks an E.164 number up in libphonenumber's full metadata. Never throws. */
export function numberFacts(number: string): NumberFacts {
  try {
    const parsed = parsePhoneNumberWithError(number);
    const type = parsed.getType();
    return { country: parsed.country, types: type === undefined ? ['unknown'] : TYPES[type] };
  } catch {
    return UNKNOWN;
  }
}
