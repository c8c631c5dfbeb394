import { isUtf8 } from 'node:buffer';
import type { RawData, WebSocket } from 'ws';

/** A received frame as one Buffer. */
export function frameOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Sends a SIP message as text, or as binary when it is no UTF-8 (RFC 7118 section 5). */
export function sendFrame(socket: WebSocket, frame: Buffer): void {
  socket.send(frame, { binary: !isUtf8(frame) });
}

/** Longest reason of a close frame, RFC 6455 section 5.5.1. */
const REASON_BYTES = 123;

/** A sentence that fits into a close frame. */
export function closeReason(sentence: string): string {
  let reason = sentence;
  while (Buffer.byteLength(reason) > REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
}
