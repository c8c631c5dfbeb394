import { ERROR_CATALOGUE, type ErrorCode } from '../kernel/error-catalogue.js';
import type { BrowserFlow } from './browser-flows.js';

/** A request outside a dialog, as the registrar and the authenticator see it. */
export interface SipRequest {
  readonly method: string;
  /** The request-URI as written. */
  readonly uri: string;
  /** `host:port` of the sender. */
  readonly source: string;
  /** The WebSocket it came on; undefined for other senders. */
  readonly flow: BrowserFlow | undefined;
  /** Values of repeated headers are joined with commas. */
  header(name: string): string | undefined;
}

/** A final response. */
export interface SipReply {
  status: number;
  /** A list becomes one header line per value. */
  headers: Readonly<Record<string, string | readonly string[]>>;
}

/** A refusal with the sentence where a page can read it: Reason (RFC 3326) and the stable code. */
export interface Refusal {
  status: number;
  code: string;
  sentence: string;
  headers?: SipReply['headers'];
}

/** A refusal with the status that the catalogue names for its code. */
export function refusalOf(code: ErrorCode, sentence: string): Refusal {
  return { status: ERROR_CATALOGUE[code].sipStatus, code, sentence };
}
