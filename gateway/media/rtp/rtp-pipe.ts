/** Who is behind a pipe, as a sentence about its silence says it. */
export interface PipePeer {
  name: string;
  /** One plain sentence: what to look at when it was never heard. */
  neverHeard: string;
}

/**
 * A leg of a call whose packets do not go over sockets of ours: somebody in this process makes and takes its RTP. Handlers
 * MUST NOT throw.
 */
export interface RtpPipe {
  readonly peer: PipePeer;
  /** Set by the leg: takes a packet that whoever is behind the pipe has made; the buffer is the leg's from then on. */
  onRtp: (packet: Buffer) => void;
  /** Takes `buffer[start, end)`, a packet of the leg; valid during the call. */
  sendRtp(buffer: Buffer, start: number, end: number): void;
}
