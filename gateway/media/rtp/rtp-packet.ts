/** RTP header fields in place (RFC 3550 section 5.1); nothing here allocates. */

export const RTP_HEADER_BYTES = 12;

/**
 * Where the payload of the packet `packet[0, end)` starts, after CSRCs and header extension; -1 when that is not a
 * whole RTP version 2 packet.
 */
export function payloadOffset(packet: Buffer, end = packet.length): number {
  if (end < RTP_HEADER_BYTES) return -1;
  const first = packet[0] ?? 0;
  if (first >> 6 !== 2) return -1;
  let offset = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (end < offset + 4) return -1;
    offset += 4 + packet.readUInt16BE(offset + 2) * 4;
  }
  return offset <= end ? offset : -1;
}

/** Where the payload ends, before padding; -1 when the padding count is impossible. */
export function payloadEnd(packet: Buffer, offset: number): number {
  if (((packet[0] ?? 0) & 0x20) === 0) return packet.length;
  const padding = packet[packet.length - 1] ?? 0;
  const end = packet.length - padding;
  return padding > 0 && end >= offset ? end : -1;
}

export function payloadTypeOf(packet: Buffer): number {
  return (packet[1] ?? 0) & 0x7f;
}

export function markerOf(packet: Buffer): boolean {
  return ((packet[1] ?? 0) & 0x80) !== 0;
}

export function sequenceOf(packet: Buffer): number {
  return ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
}

export function timestampOf(packet: Buffer): number {
  return packet.readUInt32BE(4);
}

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(8);
}

/** RFC 5761 section 4: with rtcp-mux, 192 to 223 in the second byte is RTCP. */
export function isRtcp(packet: Buffer): boolean {
  const second = packet[1] ?? 0;
  return second >= 192 && second <= 223;
}

/** `a - b` of 16-bit sequence numbers, -32768 to 32767. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** `a - b` of 32-bit timestamps, signed. */
export function timestampDistance(a: number, b: number): number {
  return (a - b) | 0;
}

export interface RtpHeader {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
}

/** Writes a plain 12-byte header at `offset`. */
export function writeHeader(packet: Buffer, offset: number, header: Readonly<RtpHeader>): void {
  packet[offset] = 0x80;
  packet[offset + 1] = (header.marker ? 0x80 : 0) | header.payloadType;
  packet[offset + 2] = header.sequence >>> 8;
  packet[offset + 3] = header.sequence & 0xff;
  packet.writeUInt32BE(header.timestamp >>> 0, offset + 4);
  packet.writeUInt32BE(header.ssrc >>> 0, offset + 8);
}
