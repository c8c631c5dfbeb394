/**
 * Who a failure is on: `client` the caller or the browser, `upstream` the carrier, `server` the gateway,
 * `indeterminate` when nobody can say. `ok` is a call that ended as people meant it to end.
 */
export type ErrorBucket = 'ok' | 'client' | 'upstream' | 'server' | 'indeterminate';

export interface ErrorEntry {
  /** SIP status answered when the failure decides a request. */
  sipStatus: number;
  bucket: ErrorBucket;
  /** True when the same request may succeed later or by another route. */
  retryable: boolean;
  /** When it happens, for gateway/ERRORS.md. */
  when: string;
}

const entry = (
  sipStatus: number,
  bucket: ErrorBucket,
  rest: { retryable?: boolean; when: string },
): ErrorEntry => ({ sipStatus, bucket, retryable: rest.retryable ?? false, when: rest.when });

/**
 * All codes. A code is never renamed or reused; a retired one stays listed in RETIRED_CODES.
 * gateway/ERRORS.md lists exactly these (checked by error-catalogue.test.ts).
 */
export const ERROR_CATALOGUE = {
  // Configuration and start
  CL_CONFIG_UNREADABLE: entry(500, 'server', {
    when: 'The configuration file cannot be read or is not YAML.',
  }),
  CL_CONFIG_INVALID: entry(500, 'server', {
    when: 'A setting is unknown, of the wrong form, or contradicts another.',
  }),
  CL_CONFIG_ENV_MISSING: entry(500, 'server', {
    when: 'A ${NAME} reference names an environment variable that is not set.',
  }),
  CL_START_PORT_IN_USE: entry(500, 'server', {
    when: 'A port that the gateway should listen on is taken or not permitted.',
  }),
  CL_INTERNAL: entry(500, 'server', {
    when: 'A bug: something that should not be possible happened.',
  }),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Codes that were used once and must not be used again. */
export const RETIRED_CODES: readonly string[] = [];
