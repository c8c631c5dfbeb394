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

/** One line of a catalogue. */
export const entry = (
  sipStatus: number,
  bucket: ErrorBucket,
  rest: { retryable?: boolean; when: string },
): ErrorEntry => ({ sipStatus, bucket, retryable: rest.retryable ?? false, when: rest.when });
