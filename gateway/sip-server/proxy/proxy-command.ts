import type { SipHeader, SipResponse } from '../message/sip-message.js';
import type { Flow } from '../transport/transport.js';

/** How an application wants a request proxied. */
export interface ProxyPlan {
  /** SIP URIs, in the order in which a serial search tries them. */
  targets: readonly string[];
  /** Stay in the path of the dialog (Record-Route) or of the registration (Path). */
  remainInDialog: boolean;
  /** Try the contacts of a 3xx instead of passing it on. */
  followRedirects: boolean;
  /** All targets at once. */
  simultaneous: boolean;
  /** A target that gives no sign of life for so long is left for the next; undefined: the transaction's own limit. */
  provisionalTimeoutMs: number | undefined;
  /** The same for the final response. */
  finalTimeoutMs: number | undefined;
  /** Added to every copy. */
  headers: readonly SipHeader[];
}

/** What an application hears of a request that it had proxied. */
export type ProxyReport =
  /** Could not begin; nothing follows. */
  | { kind: 'refused'; sentence: string }
  /** The first copy is out. */
  | { kind: 'sent' }
  /** The final response of one target; the flow is undefined when it was made here. */
  | { kind: 'response'; response: SipResponse; flow: Flow | undefined }
  /** Every target has answered or was given up; nothing follows. */
  | { kind: 'done' };

export type ProxyReporter = (report: ProxyReport) => void;
