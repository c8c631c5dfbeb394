import type { ErrorBucket, ErrorEntry } from './error-entry.js';
import { CALL_ERRORS } from './error-codes/call-errors.js';
import { MEDIA_ERRORS } from './error-codes/media-errors.js';
import { SIGNALING_ERRORS } from './error-codes/signaling-errors.js';
import { START_ERRORS } from './error-codes/start-errors.js';
import { WEB_ERRORS } from './error-codes/web-errors.js';
import { WIDGET_ERRORS } from './error-codes/widget-errors.js';

export type { ErrorBucket };

/**
 * All codes. A code is never renamed or reused; a retired one stays listed in RETIRED_CODES.
 * gateway/ERRORS.md lists exactly these (checked by error-catalogue.test.ts).
 */
export const ERROR_CATALOGUE = {
  ...START_ERRORS,
  ...MEDIA_ERRORS,
  ...SIGNALING_ERRORS,
  ...CALL_ERRORS,
  ...WEB_ERRORS,
  ...WIDGET_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Codes that were used once and must not be used again. */
export const RETIRED_CODES: readonly string[] = [];
