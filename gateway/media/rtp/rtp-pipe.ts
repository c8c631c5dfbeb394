/**
 * A leg of a call whose packets do not go over sockets of ours: somebody in this process makes and takes its RTP. Handlers
 * MUST NOT throw.
 */
export interface RtpPipe {
  /** Set by the leg: takes a packet that whoever is behind the pipe has made; the buffer is the leg's from then on. */
  onRtp: (packet: Buffer) => void;
  /** Takes `buffer[start, end)`, a packet of the leg; valid during the call. */
  sendRtp(buffer: Buffer, start: number, end: number): void;
}
