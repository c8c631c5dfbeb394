import { ERROR_CATALOGUE, type ErrorCode } from '../kernel/error-catalogue.js';

/** A refusal with the sentence where a page can read it: Reason (RFC 3326) and the stable code. */
export interface Refusal {
  status: number;
  code: string;
  sentence: string;
  /** A list becomes one header line per value. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A refusal with the status that the catalogue names for its code. */
export function refusalOf(code: ErrorCode, sentence: string): Refusal {
  return { status: ERROR_CATALOGUE[code].sipStatus, code, sentence };
}
