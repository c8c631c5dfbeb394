/**
 * A SIP message as the server handles it: header order and spelling kept as received, because
 * applications and peers must see what was really sent.
 */
export interface SipHeader {
  /** As received or as it goes out: `Call-ID`, `call-id`, `i`. */
  name: string;
  /** Unfolded, trimmed. */
  value: string;
}

interface SipMessageBase {
  headers: SipHeader[];
  /** Bytes after the empty line; empty when there is none. */
  body: Buffer;
}

export interface SipRequest extends SipMessageBase {
  kind: 'request';
  /** Case-sensitive (RFC 3261 section 7.1). */
  method: string;
  uri: string;
}

export interface SipResponse extends SipMessageBase {
  kind: 'response';
  status: number;
  reason: string;
}

export type SipMessage = SipRequest | SipResponse;
