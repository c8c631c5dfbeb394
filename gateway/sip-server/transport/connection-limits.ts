/** What peers may hold open, and for how long. */
export interface ConnectionLimits {
  /** Connections of one listener at the same time, those that we opened included. */
  maxConnections: number;
  /** Connections that one remote address may have opened to one listener. */
  maxPerSource: number;
  /** From the accepted connection to its first whole message; a TLS or WebSocket handshake has the same time again. */
  firstMessageMs: number;
  /** From the first byte of a message to its last. */
  halfMessageMs: number;
  /** Without a byte from the peer. */
  idleMs: number;
  /** Until a connection that we open is there, TLS handshake included. */
  connectMs: number;
  /** Written and not yet taken by the network; a peer that leaves more unread is cut off. */
  maxQueuedBytes: number;
  /** Malformed messages on one connection. */
  maxMalformed: number;
  /** How long a closed connection may take to deliver what was written before. */
  lingerMs: number;
  /** Between the pings on connections that we opened (RFC 5626 section 4.4.1); 0 sends none. */
  pingMs: number;
  /** From a ping to anything from the peer (RFC 5626 section 4.4.1: 10 s). */
  pongMs: number;
}

export const DEFAULT_CONNECTION_LIMITS: Readonly<ConnectionLimits> = {
  // About 20 kB each in the process: 200 MB.
  maxConnections: 10_000,
  // An office behind one NAT address; a scanner is stopped by the time limits.
  maxPerSource: 500,
  firstMessageMs: 15_000,
  halfMessageMs: 10_000,
  // Long enough for phones that send nothing between registrations; dead peers are found by TCP keep-alive.
  idleMs: 30 * 60_000,
  connectMs: 5_000,
  maxQueuedBytes: 1_048_576,
  maxMalformed: 10,
  lingerMs: 1_000,
  // Peers need not answer pings unless they said so, and then their silence would look like a failure.
  pingMs: 0,
  pongMs: 10_000,
};
