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
