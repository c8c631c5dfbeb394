import type { CopperlineError } from '../../kernel/errors.js';
import type { PipePeer } from '../rtp/rtp-pipe.js';

/** What carries one leg's RTP and RTCP, already decrypted. */
export interface MediaTransport {
  /** Of a pipe; others lead to what the leg's policy says. */
  readonly peer?: PipePeer;
  /** Sends `buffer[start, end)`; the buffer may be kept. Never throws; a closed transport drops. */
  sendRtp(buffer: Buffer, start: number, end: number): void;
  sendRtcp(packet: Buffer): void;
  /** Idempotent; nothing is handed up afterwards. */
  close(): void;
}

/** Takes what a transport hands up. MUST NOT throw; the buffer is its own. */
export interface PacketReceiver {
  onRtp(packet: Buffer): void;
  onRtcp(packet: Buffer): void;
}

/** Handlers MUST NOT throw. */
export interface TransportHandlers {
  receiver: PacketReceiver;
  onConnected(): void;
  onFailed(error: CopperlineError): void;
}
