/** What a peer may make us hold for one message; a message beyond it is malformed. */
export interface MessageLimits {
  /** Start line, headers and body together. */
  maxMessageBytes: number;
  /** Header rows. */
  maxHeaders: number;
  /** One header row, unfolded, name included (characters). */
  maxHeaderLength: number;
  /** Request line or status line (characters). */
  maxStartLineLength: number;
}

export const DEFAULT_MESSAGE_LIMITS: Readonly<MessageLimits> = {
  // The largest UDP payload: every message must fit a datagram or could never be relayed over UDP.
  maxMessageBytes: 65_535,
  // Record-Route through a dozen proxies, Identity, a dozen X- headers: real messages stay under 60.
  maxHeaders: 256,
  // STIR/SHAKEN Identity values reach 3 kB; four times the usual 2 kB URI cap of proxies.
  maxHeaderLength: 8_192,
  // RFC 4475 longreq carries a request line of some 1.5 kB.
  maxStartLineLength: 4_096,
};
