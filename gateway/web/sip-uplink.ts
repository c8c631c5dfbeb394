/**
 * The way from a browser's WebSocket into the SIP server, whichever that is: in process for the
 * embedded one, one upstream WebSocket per browser for a real drachtio-server. app.ts chooses.
 */
export interface SipUplink {
  /** `host:port` under which the SIP server reports this browser's messages (the source of its frames). */
  readonly flowKey: string;
  /** One SIP message, as it came in one WebSocket frame (RFC 7118 section 5). */
  send(frame: Buffer): void;
  /** Idempotent; the SIP server then treats the connection as closed. */
  close(): void;
}

export interface SipUplinkHandlers {
  /** One SIP message for the browser. */
  onFrame(frame: Buffer): void;
  /** The SIP server closed the connection, or could not be reached. */
  onClosed(sentence: string): void;
}

export interface BrowserAddress {
  /** The socket's own remote address and port: unique per connection. */
  host: string;
  port: number;
}

export interface SipUplinkFactory {
  /** @throws CopperlineError CL_SIP_SERVER_UNREACHABLE (as a rejection) */
  open(browser: BrowserAddress, handlers: SipUplinkHandlers): Promise<SipUplink>;
}
