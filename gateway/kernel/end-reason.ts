import type { ErrorBucket } from './error-entry.js';

/** Who ended (or refused) a call. */
export type EndedBy = 'browser' | 'carrier' | 'gateway';

/** Why a call ended. Exactly one per call; it goes to the log line, the CDR and the peers' Reason header. */
export interface EndReason {
  by: EndedBy;
  /** A stable code of the error catalogue, or a normal end: `NORMAL`, `CANCELLED`, `BUSY` ... */
  code: string;
  /** The SIP status that describes the end; 200 for a normal hang-up. */
  sipStatus: number;
  bucket: ErrorBucket;
  /** One plain sentence that names the deciding fact. */
  sentence: string;
}
