import { ERROR_CATALOGUE, type ErrorBucket, type ErrorCode } from './error-catalogue.js';

export interface CopperlineErrorDetails {
  /** One plain sentence that names the deciding fact: the header, the SDP line, the setting. */
  sentence: string;
  /** Overrides the catalogue's SIP status, for codes that relay a peer's own status. */
  sipStatus?: number;
  cause?: unknown;
}

/**
 * Every failure that Copperline reports. The code is stable; status, bucket and retry verdict come
 * from the catalogue, so that a code always means the same to a caller, a log reader and a CDR.
 */
export class CopperlineError extends Error {
  readonly code: ErrorCode;
  /** SIP status to answer when the failure decides a request. */
  readonly sipStatus: number;
  readonly bucket: ErrorBucket;
  readonly retryable: boolean;

  constructor(code: ErrorCode, details: CopperlineErrorDetails) {
    super(details.sentence, details.cause === undefined ? undefined : { cause: details.cause });
    const entry = ERROR_CATALOGUE[code];
    this.name = 'CopperlineError';
    this.code = code;
    this.sipStatus = details.sipStatus ?? entry.sipStatus;
    this.bucket = entry.bucket;
    this.retryable = entry.retryable;
  }

  /** The sentence, without code or stack; safe to show to a user. */
  get sentence(): string {
    return this.message;
  }
}

/** Wraps anything that was thrown; a CopperlineError passes through unchanged. */
export function toCopperlineError(thrown: unknown, fallback: ErrorCode): CopperlineError {
  if (thrown instanceof CopperlineError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new CopperlineError(fallback, { sentence: text, cause: thrown });
}
