import type { CallPass } from './call-pass.js';

/** One browser's WebSocket as signalling sees it. */
export interface BrowserFlow {
  readonly id: string;
  /** The browser's address as far as it is known (X-Forwarded-For behind a trusted proxy). */
  readonly remoteAddress: string;
  /** AOR user, when the WebSocket itself was authenticated (by a token); its requests are not challenged. */
  readonly user?: string | undefined;
  /** Present when that token was for one call of a click-to-call site. */
  readonly pass?: CallPass | undefined;
  /** Aborted when the WebSocket closed. */
  readonly closed: AbortSignal;
}

/** Finds the WebSocket behind a SIP message; web/ implements it, calls and the registrar ask it. */
export interface BrowserFlows {
  /** `source` is `host:port` as the SIP server reported it; undefined when it was no browser of ours. */
  find(source: string): BrowserFlow | undefined;
}
